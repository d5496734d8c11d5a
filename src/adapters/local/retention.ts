import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import { COUNTERS, type InputName, INPUTS, type TopicRole } from '../../ports/transport.js';
import type { InputPlace } from '../../config/input-places.js';
import { applicationsOf, readNeededFrom } from './committed.js';
import type { LogStore } from './log-store.js';
import { isKeptByTopic, positionInTopic } from './positions.js';
import type { TopicTable } from './topic-table.js';

/** How long records are kept after they were appended; 0: for ever. */
export type RetentionSettings = Pick<Config['transport'], 'inputRetentionMs' | 'outputRetentionMs'>;

export const KEEP_ALL: RetentionSettings = { inputRetentionMs: 0, outputRetentionMs: 0 };

/** A few milliseconds of work. */
const MOST_A_TURN = 1_000;

/** Outputs that age. Dead letters stay: they wait for somebody, and a restore may ask for them. */
const AGING_OUTPUTS: readonly TopicRole[] = ['training', 'audit', 'late', COUNTERS];

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
      const applications = applicationsOf(this.store);
      for (const { topic, inputs } of this.inputTopics()) {
        for (let partition = 0; partition < this.topics.inputPartitions(); partition++) {
          const place = { topic, partition };
          const needed = Math.min(...inputs.map((input) => this.neededFrom(applications, input, place)));
          left -= this.trimOne(topic, partition, needed, inputRetentionMs, left);
        }
      }
    }
    if (outputRetentionMs > 0) {
      for (const output of AGING_OUTPUTS.filter((role) => this.topics.roles.includes(role))) {
        const { name, partitions } = this.topics.get(output);
        for (let partition = 0; partition < partitions; partition++)
          left -= this.trimOne(name, partition, Infinity, outputRetentionMs, left);
      }
    }
    return left === 0;
  }

  /** The topics of both inputs, each with what it is read as. */
  private inputTopics(): readonly { readonly topic: string; readonly inputs: readonly InputName[] }[] {
    const names = new Set(INPUTS.flatMap((input) => this.topics.inputNames(input)));
    return [...names].map((topic) => ({
      topic,
      inputs: INPUTS.filter((input) => this.topics.inputNames(input).includes(topic)),
    }));
  }

  /** Where the furthest re-read begins that any application of the store may still make. */
  private neededFrom(applications: readonly string[], input: InputName, place: InputPlace): number {
    const needs = applications.map((application) =>
      isKeptByTopic(this.store, application)
        ? positionInTopic(this.store, application, input, place)
        : readNeededFrom(this.store, application, place.partition)[input],
    );
    return Math.min(...needs);
  }

  private trimOne(topic: string, partition: number, beforeOffset: number, retentionMs: number, most: number): number {
    if (most === 0) return 0;
    return this.store.trim(topic, partition, { beforeOffset, beforeMs: this.clock.nowMs() - retentionMs }, most);
  }
}
