import type { FetchedPartition } from './committed-records.js';
import type { Cursor } from './cursor.js';

/** Batches that came damaged once: a cable may have bent them, so each is asked for once more before it is believed. */
export class DoubtedBatches {
  /** SHA-256 of the batch that came, by who asked. */
  private readonly damaged = new Map<Cursor, string>();

  /** True when a damaged batch came for the first time; its answer is to be dropped. */
  isDoubtful(cursor: Cursor, { batches }: FetchedPartition): boolean {
    const damaged = batches.flatMap(({ records }) => records[0]?.unreadable ?? []);
    const bytes = damaged.find(({ code }) => code === 'batch-damaged')?.packedSha256;
    if (bytes === undefined || this.damaged.get(cursor) === bytes) {
      this.damaged.delete(cursor);
      return false;
    }
    this.damaged.set(cursor, bytes);
    return true;
  }

  forget(cursor: Cursor): void {
    this.damaged.delete(cursor);
  }
}
