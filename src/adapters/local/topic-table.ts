import type { Config } from '../../config/schema.js';
import { type InputPlace, numberedCount, placeOf } from '../../config/input-places.js';
import { COMPACTED, plannedPartitions, streamRoles, tableRoles, topicName, topicNames } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import { type InputName, INPUTS, type MissingTopic, type TopicRole } from '../../ports/transport.js';
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
  #inputPartitions: number | undefined;

  constructor(
    private readonly store: LogStore,
    private readonly topics: Config['topics'],
  ) {}

  /** Roles of the topics that there are. */
  get roles(): readonly TopicRole[] {
    return streamRoles(this.topics);
  }

  /** The topic of a role, of several the first. Throws `topic-missing`. */
  get(role: TopicRole): StoredTopic {
    const known = this.#known.get(role) ?? this.#find(role);
    if (known === undefined) throw new SluiceError('topic-missing', { topic: topicName(this.topics, role) });
    this.#known.set(role, known);
    return known;
  }

  /** Topics that are not stored. */
  missing(): readonly MissingTopic[] {
    return this.roles
      .flatMap((role) => topicNames(this.topics, role).map((topic) => ({ role, topic })))
      .filter(({ topic }) => this.store.topic(topic) === undefined);
  }

  /** Full topic names of an input. */
  inputNames(input: InputName): readonly string[] {
    return topicNames(this.topics, input);
  }

  /** Where a numbered partition of an input lies; undefined: nowhere. */
  placeOf(input: InputName, numbered: number): InputPlace | undefined {
    return placeOf({ topics: this.topics }, input, numbered, this.inputPartitions());
  }

  /** How many partitions the inputs are numbered through to. Throws as {@link inputPartitions}. */
  numberedCount(): number {
    return numberedCount({ topics: this.topics }, this.inputPartitions());
  }

  /** The partition count of every topic of both inputs. Throws `partition-counts-differ` and `topic-missing`. */
  inputPartitions(): number {
    if (this.#inputPartitions !== undefined) return this.#inputPartitions;
    const first = this.get('impressions');
    for (const name of INPUTS.flatMap((input) => this.inputNames(input))) {
      const found = this.store.topic(name);
      if (found === undefined) throw new SluiceError('topic-missing', { topic: name });
      if (found.partitions !== first.partitions)
        throw new SluiceError('partition-counts-differ', {
          left: first.name,
          leftCount: first.partitions,
          right: name,
          rightCount: found.partitions,
        });
    }
    return (this.#inputPartitions = first.partitions);
  }

  /**
   * Creates what is missing in one transaction, or throws `topic-missing` where the config forbids that; warns where a
   * stored partition count is not the configured one. Outputs made later get the partition count of the inputs, further
   * topics of an input that of its first.
   */
  prepare(logger: Logger): void {
    this.store.write(() => {
      for (const role of INPUTS) this.#ensure(role, plannedPartitions(this.topics, role));
      const inputs = this.inputPartitions();
      for (const role of this.roles) this.#ensure(role, plannedPartitions({ partitions: inputs }, role));
      for (const role of tableRoles(this.topics)) this.#ensure(role, 1);
    });
    for (const role of this.roles) {
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
    const [first, ...others] = topicNames(this.topics, role);
    this.#make(role, first!, partitions);
    for (const name of others) this.#make(role, name, this.get(role).partitions);
  }

  #make(role: TopicRole, name: string, partitions: number): void {
    if (this.store.topic(name)) return;
    if (!this.topics.create) throw new SluiceError('topic-missing', { topic: name });
    this.store.createTopic(name, { partitions, compacted: COMPACTED.has(role) });
  }

  #find(role: TopicRole): StoredTopic | undefined {
    const name = topicName(this.topics, role);
    const plan = this.store.topic(name);
    return plan && { name, partitions: plan.partitions };
  }
}
