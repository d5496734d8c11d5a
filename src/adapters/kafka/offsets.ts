import type { Cluster } from 'kafkajs';
import type { Clock } from '../../ports/clock.js';
import { bounded } from './bounded.js';
import { closedBroker, isHopeless } from './failures.js';

interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Looks up where topic partitions begin and end (the end a committed reader can reach). Calls made while a look-up is on
 * its way share the next one: an answer is never older than its call, and at most one request per broker is open.
 */
export class OffsetLookup {
  private queued:
    { readonly wanted: TopicPartition[]; readonly answer: Promise<ReadonlyMap<string, number>> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly cluster: Cluster,
    private readonly clock: Clock,
    /** How long one look-up may take, retries included. */
    private readonly patienceMs: number,
  ) {}

  async connect(topics: readonly string[]): Promise<void> {
    await this.cluster.connect();
    if (topics.length > 0) await this.cluster.addMultipleTargetTopics([...topics]);
  }

  /** End offset of one topic partition as of this call. */
  async end(topic: string, partition: number): Promise<number> {
    if (this.queued === undefined) {
      const wanted: TopicPartition[] = [];
      const answer = this.running.then(() => {
        this.queued = undefined;
        return this.lookUp(wanted, false);
      });
      this.queued = { wanted, answer };
      this.running = answer.catch(() => undefined);
    }
    const { wanted, answer } = this.queued;
    wanted.push({ topic, partition });
    return (await answer).get(keyOf(topic, partition)) ?? 0;
  }

  /** End offsets of every partition of a topic, by partition number. */
  async ends(topic: string): Promise<number[]> {
    return this.all(topic, false);
  }

  /** Earliest offsets of every partition of a topic, by partition number. */
  async begins(topic: string): Promise<number[]> {
    return this.all(topic, true);
  }

  /** Partition count of a topic; 0 when it does not exist. */
  async partitionCount(topic: string): Promise<number> {
    await this.cluster.addTargetTopic(topic);
    await this.cluster.refreshMetadataIfNecessary();
    return this.cluster.findTopicPartitionMetadata(topic).length;
  }

  async close(): Promise<void> {
    await this.running;
    await bounded(this.cluster.disconnect(), 2_000, this.clock, 'disconnect').catch(() => undefined);
  }

  private async all(topic: string, fromBeginning: boolean): Promise<number[]> {
    const count = await this.partitionCount(topic);
    const wanted = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    const found = await this.lookUp(wanted, fromBeginning);
    return wanted.map(({ partition }) => found.get(keyOf(topic, partition)) ?? 0);
  }

  private async lookUp(
    wanted: readonly TopicPartition[],
    fromBeginning: boolean,
  ): Promise<ReadonlyMap<string, number>> {
    const byTopic = new Map<string, Set<number>>();
    for (const { topic, partition } of wanted) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(partition));
    const request = [...byTopic].map(([topic, partitions]) => ({
      topic,
      fromBeginning,
      partitions: [...partitions].map((partition) => ({ partition })),
    }));
    // kafkajs does not retry this one: leaders move and connections close.
    const deadlineMs = this.clock.monotonicMs() + this.patienceMs;
    for (let pauseMs = 50; ; pauseMs = Math.min(1_000, pauseMs * 2)) {
      try {
        const found = await bounded(this.ask(request), this.patienceMs, this.clock, 'offset look-up');
        return new Map(
          found.flatMap(({ topic, partitions }) =>
            partitions.map((each) => [keyOf(topic, each.partition), Number(each.offset)]),
          ),
        );
      } catch (error) {
        if (this.clock.monotonicMs() >= deadlineMs || isHopeless(error)) throw error;
        await this.clock.sleep(pauseMs);
        await this.reconnect(error);
      }
    }
  }

  private async ask(
    request: Parameters<Cluster['fetchTopicsOffset']>[0],
  ): Promise<Awaited<ReturnType<Cluster['fetchTopicsOffset']>>> {
    // kafkajs answers nothing for a topic that it was not told of: no offset is not offset 0.
    await this.cluster.addMultipleTargetTopics(request.map(({ topic }) => topic));
    await this.cluster.refreshMetadataIfNecessary();
    const found = await this.cluster.fetchTopicsOffset(request);
    for (const { topic, partitions } of request) {
      const answered = found.find((each) => each.topic === topic)?.partitions.length ?? 0;
      if (answered < partitions.length) throw new Error(`no offsets of some partitions of ${topic}`);
    }
    return found;
  }

  private async reconnect(error: unknown): Promise<void> {
    const closed = closedBroker(error);
    if (closed !== undefined) this.cluster.removeBroker(closed);
    try {
      if (!this.cluster.isConnected()) await this.cluster.connect();
      await this.cluster.refreshMetadata();
    } catch {
      // The next try says what is wrong, should it still be.
    }
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}|${partition}`;
