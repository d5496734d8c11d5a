import type { Cluster } from 'kafkajs';
import { closedBroker } from './failures.js';

interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Looks up where topic partitions begin and end (the end a committed reader can reach). Calls made while a look-up is on
 * its way share the next one: an answer is never older than its call, and at most one request per broker is open.
 */
export class OffsetLookup {
  private queued: { readonly wanted: TopicPartition[]; readonly answer: Promise<ReadonlyMap<string, number>> } | undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(private readonly cluster: Cluster) {}

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
    await this.cluster.disconnect();
  }

  private async all(topic: string, fromBeginning: boolean): Promise<number[]> {
    const count = await this.partitionCount(topic);
    const wanted = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
    const found = await this.lookUp(wanted, fromBeginning);
    return wanted.map(({ partition }) => found.get(keyOf(topic, partition)) ?? 0);
  }

  private async lookUp(wanted: readonly TopicPartition[], fromBeginning: boolean): Promise<ReadonlyMap<string, number>> {
    const byTopic = new Map<string, Set<number>>();
    for (const { topic, partition } of wanted) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(partition));
    const request = [...byTopic].map(([topic, partitions]) => ({
      topic,
      fromBeginning,
      partitions: [...partitions].map((partition) => ({ partition })),
    }));
    await this.cluster.refreshMetadataIfNecessary();
    // kafkajs does not retry this one: leaders move and connections close, so a few tries with fresh metadata.
    for (let attempt = 0; ; attempt++) {
      try {
        const found = await this.cluster.fetchTopicsOffset(request);
        return new Map(found.flatMap(({ topic, partitions }) => partitions.map((each) => [keyOf(topic, each.partition), Number(each.offset)])));
      } catch (error) {
        if (attempt >= 5) throw error;
        const closed = closedBroker(error);
        if (closed !== undefined) this.cluster.removeBroker(closed);
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
        if (!this.cluster.isConnected()) await this.cluster.connect();
        await this.cluster.refreshMetadata();
      }
    }
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}|${partition}`;
