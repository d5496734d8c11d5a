import { SluiceError } from '../../errors.js';
import { partitionOf } from '../../events/partition.js';
import type { NewRecord } from '../../ports/transport.js';
import type { LogStore } from './log-store.js';
import type { TopicTable } from './topic-table.js';

/** Appends records to their partitions: the one they name, else the one of their key, else the next in turn. */
export class Appender {
  /** Counts records that have neither partition nor key. */
  #turn = 0;

  constructor(
    private readonly store: LogStore,
    private readonly topics: TopicTable,
  ) {}

  /** Belongs inside a write. Throws `topic-missing`, and `bug` on a partition that does not exist. */
  append(records: readonly NewRecord[], timestampMs: number): void {
    for (const record of records) {
      const { name, partitions } = this.topics.get(record.topic);
      const partition =
        record.partition ?? (record.key ? partitionOf(record.key, partitions) : this.#turn++ % partitions);
      if (!(Number.isInteger(partition) && partition >= 0 && partition < partitions)) {
        throw new SluiceError('bug', { why: `${name} has ${partitions} partitions, none is ${partition}` });
      }
      this.store.append(name, partition, record, timestampMs);
    }
  }
}
