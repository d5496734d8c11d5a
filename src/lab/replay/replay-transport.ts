import { isTableRole } from '../../config/topics.js';
import type { Gate } from '../../pipeline/admit.js';
import { noCounts } from '../../pipeline/progress/counts.js';
import { encodeProgress, NO_PROGRESS } from '../../pipeline/progress/progress.js';
import {
  INPUTS,
  NO_GROWTH,
  type AssignmentListener,
  type InputGrowth,
  type InputName,
  type InputOffsets,
  type InputTails,
  type PartitionLease,
  type ReadFrom,
  type TopicReader,
  type TopicRole,
  type Transport,
} from '../../ports/transport.js';
import { rangeLease, type RangeReading } from './range-lease.js';
import type { Span } from './range.js';

export interface ReplayReading extends Pick<RangeReading, 'isGapless' | 'wrote' | 'clock'> {
  readonly gate: Gate;
  readonly spans: Readonly<Record<InputName, Span>>;
  readonly ends: Readonly<Record<InputName, readonly number[]>>;
  /** Offsets at which a partition begins that has committed nothing. */
  readonly beginnings: ReadonlyMap<number, InputOffsets>;
}

/** A transport whose inputs and tables are those of an application, read outside any group, and all else its own. */
export class ReplayTransport implements Transport {
  readonly prepare: Transport['prepare'];
  readonly missingTopics: Transport['missingTopics'];
  readonly publish: Transport['publish'];
  readonly append: Transport['append'];
  readonly leave: Transport['leave'];
  readonly committedAll: Transport['committedAll'];

  constructor(
    private readonly source: Transport,
    private readonly own: Transport,
    private readonly tails_: InputTails,
    private readonly reading: ReplayReading,
  ) {
    this.prepare = () => own.prepare();
    this.missingTopics = () => own.missingTopics();
    this.publish = (records) => own.publish(records);
    this.append = (records) => own.append(records);
    this.leave = () => own.leave();
    this.committedAll = () => own.committedAll();
  }

  /** The range lies in what there was when it began. */
  grownInputs(): Promise<InputGrowth> {
    return Promise.resolve(NO_GROWTH);
  }

  partitionCount(topic: TopicRole): Promise<number> {
    return this.of(topic).partitionCount(topic);
  }

  recordLimit(topic: TopicRole): Promise<number> {
    return this.of(topic).recordLimit(topic);
  }

  endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.of(topic).endOffsets(topic);
  }

  reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    return this.of(topics[0]!).reader(topics, from, partition);
  }

  tails(): Promise<InputTails> {
    return this.source.tails();
  }

  othersInGroup(): Promise<readonly string[]> {
    return this.own.othersInGroup();
  }

  join(listener: AssignmentListener): Promise<void> {
    return this.own.join({
      assigned: async (lease) => listener.assigned(await this.begun(lease)),
      ailing: (what, reason) => listener.ailing?.(what, reason),
      failed: (error) => listener.failed(error),
    });
  }

  async discard(topic: TopicRole, partition: number, beforeOffset: number): Promise<void> {
    if (this.of(topic) === this.own) await this.own.discard?.(topic, partition, beforeOffset);
  }

  async close(): Promise<void> {
    await this.own.close();
    await this.tails_.close();
    await this.source.close();
  }

  private of(topic: TopicRole): Transport {
    return (INPUTS as readonly TopicRole[]).includes(topic) || isTableRole(topic) ? this.source : this.own;
  }

  /** Its lease, which begins where the range does unless it has committed. */
  private async begun(own: PartitionLease): Promise<PartitionLease> {
    const { partition } = own;
    const { beginnings, ends, ...reading } = this.reading;
    const { progress } = await own.committed();
    if (progress === null) {
      const begins = beginnings.get(partition)!;
      await own.commit({
        records: [],
        offsets: begins,
        progress: encodeProgress({ ...NO_PROGRESS, counts: noCounts(), begins, at: begins }),
        neededFrom: begins,
      });
    }
    const tail = this.tails_.tails.find((one) => one.partition === partition)!;
    return rangeLease(own, {
      ...reading,
      tail,
      ends: { impressions: ends.impressions[partition]!, interactions: ends.interactions[partition]! },
    });
  }
}
