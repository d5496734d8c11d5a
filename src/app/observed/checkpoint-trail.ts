import { checkpointChunkOf } from '../../pipeline/checkpoint/pack.js';
import type { LogRecord, NewRecord } from '../../ports/transport.js';

/** A checkpoint whose last chunk has been written. */
export interface WholeCheckpoint {
  readonly bytes: number;
  /** From the transaction with its first chunk to the end of the one with its last. */
  readonly seconds: number;
}

/** Follows the chunks of a partition's checkpoints through its transactions. */
export class CheckpointTrail {
  private bytes = 0;
  private beganMs = 0;

  /**
   * Takes the records of a transaction that went through.
   * @returns the checkpoint that it completed, if it did
   */
  committed(records: readonly NewRecord[], beganMs: number, endedMs: number): WholeCheckpoint | undefined {
    let whole: WholeCheckpoint | undefined;
    for (const record of records) {
      if (record.topic !== 'checkpoints') continue;
      const { index, count } = checkpointChunkOf(record.headers ?? {});
      if (index === 0) [this.bytes, this.beganMs] = [0, beganMs];
      this.bytes += record.value?.length ?? 0;
      if (index === count - 1) whole = { bytes: this.bytes, seconds: (endedMs - this.beganMs) / 1000 };
    }
    return whole;
  }
}

/** When the newest whole checkpoint among these records was written, epoch ms; undefined when there is none. */
export function newestWhole(records: readonly Pick<LogRecord, 'headers' | 'timestampMs'>[]): number | undefined {
  const lasts = records.filter(({ headers }) => {
    const { index, count } = checkpointChunkOf(headers);
    return index === count - 1;
  });
  return lasts.length === 0 ? undefined : Math.max(...lasts.map(({ timestampMs }) => timestampMs));
}
