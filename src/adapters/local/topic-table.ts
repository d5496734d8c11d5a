import type { Config } from '../../config/schema.js';
import { COMPACTED, plannedPartitions, tableRoles, topicName } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import { INPUTS, type MissingTopic, OUTPUTS, type TopicRole } from '../../ports/transport.js';
import type { LogStore } from './log-store.js';

/** A topic as stored: its full name and partition count. */
export interface StoredTopic {
  readonly name: string;
  readonly partitions: number;
}

/** Topics by role. A stored partition count never changes and wins over the configured one. */
export class TopicTable {
  /** Topics seen so far. */
  readonly #known = new Map<TopicRole, StoredTopic>();

  constructor(
    private readonly store: LogStore,
    private readonly topics: Config['topics'],
  ) {}

  /** Throws `topic-missing`. */
  get(role: TopicRole): StoredTopic {
    const known = this.#known.get(role) ?? this.#find(role);
    if (known === undefined) throw new SluiceError('topic-missing', { topic: topicName(this.topics, role) });
    this.#known.set(role, known);
    return known;
  }

  /** Topics that are not stored. */
  missing(): readonly MissingTopic[] {
    return [...INPUTS, ...OUTPUTS]
      .filter((role) => this.#find(role) === undefined)
      .map((role) => ({ role, topic: topicName(this.topics, role) }));
  }

  /** The partition count of both inputs. Throws `partition-counts-differ` and `topic-missing`. */
  inputPartitions(): number {
    const [left, right] = [this.get('impressions'), this.get('interactions')];
    if (left.partitions === right.partitions) return left.partitions;
    throw new SluiceError('partition-counts-differ', {
      left: left.name,
      leftCount: left.partitions,
      right: right.name,
      rightCount: right.partitions,
    });
  }

  /**
   * Creates what is missing in one transaction, or throws `topic-missing` where the config forbids that; warns where a
   * stored partition count is not the configured one. Outputs made later get the partition count of the inputs.
   */
  prepare(logger: Logger): void {
    this.store.write(() => {
      for (const role of INPUTS) this.#ensure(role, plannedPartitions(this.topics, role));
      const inputs = this.inputPartitions();
      for (const role of OUTPUTS) this.#ensure(role, plannedPartitions({ partitions: inputs }, role));
      for (const role of tableRoles(this.topics)) this.#ensure(role, 1);
    });
    for (const role of [...INPUTS, ...OUTPUTS]) {
      const { name, partitions } = this.get(role);
      const planned = plannedPartitions(this.topics, role);
      if (partitions === planned) continue;
      logger.warn('topic keeps the partition count it was created with', {
        topic: name,
        partitions,
        configured: planned,
      });
    }
  }

  #ensure(role: TopicRole, partitions: number): void {
    if (this.#find(role)) return;
    const name = topicName(this.topics, role);
    if (!this.topics.create) throw new SluiceError('topic-missing', { topic: name });
    this.store.createTopic(name, { partitions, compacted: COMPACTED.has(role) });
  }

  #find(role: TopicRole): StoredTopic | undefined {
    const name = topicName(this.topics, role);
    const plan = this.store.topic(name);
    return plan && { name, partitions: plan.partitions };
  }
}
