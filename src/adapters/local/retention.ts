import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import { INPUTS, type TopicRole } from '../../ports/transport.js';
import { readNeededFrom } from './committed.js';
import type { LogStore } from './log-store.js';
import type { TopicTable } from './topic-table.js';

/** How long records are kept after they were appended; 0: for ever. */
export type RetentionSettings = Pick<Config['transport'], 'inputRetentionMs' | 'outputRetentionMs'>;

export const KEEP_ALL: RetentionSettings = { inputRetentionMs: 0, outputRetentionMs: 0 };

/** A few milliseconds of work. */
const MOST_A_TURN = 1_000;

/** Outputs that age. Dead letters stay: they wait for somebody, and a restore may ask for them. */
const AGING_OUTPUTS: readonly TopicRole[] = ['training', 'audit', 'late'];

/**
 * Deletes what has been kept long enough. An input record goes only when no restore of any application of the store can ask
 * for it any more, not even one that falls back to the checkpoint before the last.
 */
export class Retention {
  constructor(
    private readonly store: LogStore,
    private readonly topics: TopicTable,
    private readonly clock: Pick<Clock, 'nowMs'>,
    private readonly settings: RetentionSettings,
  ) {}

  get keepsAll(): boolean {
    return this.settings.inputRetentionMs === 0 && this.settings.outputRetentionMs === 0;
  }

  /** Deletes some of it; belongs inside a write. @returns true when more may be left */
  trim(): boolean {
    const { inputRetentionMs, outputRetentionMs } = this.settings;
    let left = MOST_A_TURN;
    if (inputRetentionMs > 0) {
      for (let partition = 0; partition < this.topics.inputPartitions(); partition++) {
        const needed = readNeededFrom(this.store, partition);
        const least = Math.min(needed.impressions, needed.interactions);
        const isOne = this.topics.get('impressions').name === this.topics.get('interactions').name;
        for (const input of INPUTS)
          left -= this.trimOne(input, partition, isOne ? least : needed[input], inputRetentionMs, left);
      }
    }
    if (outputRetentionMs > 0) {
      for (const output of AGING_OUTPUTS) {
        const { partitions } = this.topics.get(output);
        for (let partition = 0; partition < partitions; partition++)
          left -= this.trimOne(output, partition, Infinity, outputRetentionMs, left);
      }
    }
    return left === 0;
  }

  private trimOne(role: TopicRole, partition: number, beforeOffset: number, retentionMs: number, most: number): number {
    if (most === 0) return 0;
    return this.store.trim(
      this.topics.get(role).name,
      partition,
      { beforeOffset, beforeMs: this.clock.nowMs() - retentionMs },
      most,
    );
  }
}
