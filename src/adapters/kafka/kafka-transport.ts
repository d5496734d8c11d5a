import type { Admin, ISocketFactory, Kafka } from 'kafkajs';
import { topicNames } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import {
  INPUTS,
  type AssignmentListener,
  type Committed,
  type InputGrowth,
  type InputTails,
  type MissingTopic,
  type NewRecord,
  type ReadFrom,
  type TopicReader,
  type TopicRole,
  type Transport,
} from '../../ports/transport.js';
import { Appender } from './appender.js';
import { publishAtOnce } from './publisher.js';
import { bounded } from './bounded.js';
import { kafkaClient, openCluster } from './client.js';
import { committedUnits, type CommittedUnit } from './committed.js';
import type { CommittedOffset, Committer } from './committer.js';
import { coordinatorFault } from './coordinator-fault.js';
import { asSluiceError, hasType } from './failures.js';
import { GroupSession } from './group-session.js';
import { inputGrowth, refuseUnequalInputs } from './input-growth.js';
import { knock } from './knock.js';
import { numberedOffsets, type PlacedOffset } from './numbered.js';
import { OffsetLookup } from './offsets.js';
import { PlainCommitter } from './plain-committer.js';
import { livingMembers } from './predecessors.js';
import { openReader, type ReadPosition } from './reader.js';
import { placement, type Placement } from './rounds.js';
import {
  BATCH_FRAME_BYTES,
  DEFAULT_MAX_MESSAGE_BYTES,
  MAX_BATCH_BYTES,
  nameOf,
  rolesOf,
  type KafkaOptions,
} from './settings.js';
import { openTails } from './tails.js';
import { prepareTopics, refuseNarrowTopics } from './topics.js';
import { Transactor } from './transactor.js';

/** The transport port over kafkajs; see the port for what each method promises. */
export class KafkaTransport implements Transport {
  private readonly kafka: Kafka;
  private readonly socketFactory: ISocketFactory;
  private readonly admin: Admin;
  private readonly stable: OffsetLookup;
  private readonly written: OffsetLookup;
  private readonly appender: Appender;
  private readonly partitionCounts = new Map<TopicRole, number>();
  private readonly messageLimits = new Map<TopicRole, number>();
  private readonly place: Placement;
  private readonly batchBytes = (role: TopicRole): number =>
    Math.min(MAX_BATCH_BYTES, (this.messageLimits.get(role) ?? Infinity) - BATCH_FRAME_BYTES);
  /** Last unit this instance committed to each partition, and how to tell an older answer of the coordinator. */
  private readonly committers = new Map<number, Committer>();
  private connecting: Promise<void> | undefined;
  private session: GroupSession | undefined;

  constructor(private readonly options: KafkaOptions) {
    const { kafka, socketFactory } = kafkaClient(options);
    this.kafka = kafka;
    this.socketFactory = socketFactory;
    this.admin = this.kafka.admin();
    const { clock, transport } = options;
    this.stable = new OffsetLookup(openCluster(this.kafka, 'committed'), clock, transport.requestTimeoutMs);
    this.written = new OffsetLookup(openCluster(this.kafka, 'uncommitted'), clock, transport.requestTimeoutMs);
    this.place = placement((role) => {
      const count = this.partitionCounts.get(role) ?? 0;
      if (count === 0) throw new SluiceError('topic-missing', { topic: nameOf(options, role) });
      return count;
    });
    this.appender = new Appender(this.kafka, options, this.place, this.batchBytes);
  }

  prepare(): Promise<void> {
    return this.guarded(async () => {
      const { partitionCounts, messageLimits } = await prepareTopics(this.admin, this.options);
      for (const [role, count] of partitionCounts) this.partitionCounts.set(role, count);
      for (const [role, bytes] of messageLimits) this.messageLimits.set(role, bytes);
      refuseNarrowTopics(this.options, messageLimits);
    });
  }

  missingTopics(): Promise<readonly MissingTopic[]> {
    return this.guarded(async () => {
      const present = new Set(await this.admin.listTopics());
      const { topics: named } = this.options;
      const topics = rolesOf(this.options).flatMap((role) => topicNames(named, role).map((topic) => ({ role, topic })));
      return topics.filter(({ topic }) => !present.has(topic));
    });
  }

  partitionCount(topic: TopicRole): Promise<number> {
    return this.guarded(async () => {
      await this.count([topic]);
      return this.partitionCounts.get(topic)!;
    });
  }

  grownInputs(): Promise<InputGrowth> {
    return this.guarded(async () => {
      await this.count(INPUTS);
      return inputGrowth(this.admin, this.options, this.partitionCounts);
    });
  }

  /** What the topic takes, less the framing of a batch of one; what is not known yet counts as Kafka's default. */
  recordLimit(topic: TopicRole): Promise<number> {
    return Promise.resolve((this.messageLimits.get(topic) ?? DEFAULT_MAX_MESSAGE_BYTES) - BATCH_FRAME_BYTES);
  }

  othersInGroup(): Promise<readonly string[]> {
    return this.guarded(() => livingMembers(this.kafka, this.options, this.session?.memberId));
  }

  async join(listener: AssignmentListener): Promise<void> {
    if (this.session !== undefined) throw new SluiceError('bug', { why: 'join called twice without leave' });
    const session = new GroupSession({
      kafka: this.kafka,
      options: this.options,
      listener,
      lookup: this.written,
      partitionCount: () => this.partitionCounts.get('impressions')!,
      openCommitter: (...asked) => this.openCommitter(...asked),
    });
    this.session = session;
    try {
      await this.guarded(async () => {
        // Inputs that cannot be joined are refused by prepare before it makes any other topic: the reason comes first here, too.
        await this.count(INPUTS);
        refuseUnequalInputs(this.options, this.partitionCounts);
        await this.count(rolesOf(this.options));
        if (this.session === session) await session.start();
      });
    } catch (error) {
      if (this.session !== session) return; // Left meanwhile, so that it concerns nobody.
      this.session = undefined;
      await session.stop();
      throw error;
    }
  }

  async leave(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    await session?.stop();
  }

  append(records: readonly NewRecord[]): Promise<void> {
    return this.guarded(async () => {
      await this.count([...new Set(records.map(({ topic }) => topic))]);
      await this.appender.append(records);
    });
  }

  publish(records: readonly NewRecord[]): Promise<void> {
    const { kafka, options, place, batchBytes } = this;
    if (options.transport.delivery !== 'exactly-once') return this.append(records);
    return this.guarded(async () => {
      await this.count([...new Set(records.map(({ topic }) => topic))]);
      await publishAtOnce({ kafka, options, place, batchBytes }, records);
    });
  }

  reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    return this.guarded(async () => {
      await this.count(topics);
      const positions: ReadPosition[] = [];
      const ask = (topic: string): Promise<number[]> =>
        from === 'latest' ? this.stable.ends(topic) : this.stable.begins(topic);
      for (const role of topics)
        for (const [numbered, { offset, ...place }] of (await this.numbered(role, ask)).entries())
          if (partition === undefined || partition === numbered)
            positions.push({ role, ...place, from: Math.max(offset, typeof from === 'number' ? from : 0) });
      return openReader(this.kafka, this.options, positions, { stable: this.stable, written: this.written });
    });
  }

  tails(): Promise<InputTails> {
    return this.guarded(async () => {
      await this.count(INPUTS);
      refuseUnequalInputs(this.options, this.partitionCounts);
      return openTails(this.kafka, this.options, this.written, this.partitionCounts.get('impressions')!);
    });
  }

  /** Commits of other instances may be a few milliseconds old before they show; this one's own show at once. */
  committedAll(): Promise<ReadonlyMap<number, Committed>> {
    return this.guarded(async () => {
      const units = await this.committedUnits();
      return new Map(
        [...units].map(([partition, unit]) => [
          partition,
          withoutMark(this.committers.get(partition)?.newest(unit) ?? unit),
        ]),
      );
    });
  }

  endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.guarded(async () => {
      await this.count([topic]);
      return (await this.numbered(topic, (name) => this.written.ends(name))).map(({ offset }) => offset);
    });
  }

  async close(): Promise<void> {
    await this.leave();
    await this.appender.close();
    if (this.connecting === undefined) return;
    await Promise.allSettled([
      bounded(this.admin.disconnect(), 2_000, this.options.clock, 'disconnect'),
      this.stable.close(),
      this.written.close(),
    ]);
    this.connecting = undefined;
  }

  private async openCommitter(
    partition: number,
    signal: AbortSignal,
    commitOffsets: (offsets: readonly CommittedOffset[]) => Promise<void>,
  ): Promise<Committer> {
    const readCommitted = async (): Promise<CommittedUnit> => {
      const unit = (await this.committedUnits()).get(partition);
      if (unit === undefined)
        throw new SluiceError('topic-missing', { topic: `${nameOf(this.options, 'impressions')}-${partition}` });
      return unit;
    };
    const { kafka, options, place, batchBytes } = this;
    const partitionCount = (): number => this.partitionCounts.get('impressions')!;
    const common = { options, partition, partitionCount, readCommitted, signal };
    const committer =
      options.transport.delivery === 'exactly-once'
        ? await Transactor.open({ ...common, kafka, place, batchBytes })
        : await PlainCommitter.open({
            ...common,
            commitOffsets,
            appender: new Appender(kafka, options, place, batchBytes),
          });
    this.committers.set(partition, committer);
    return committer;
  }

  private committedUnits(): Promise<ReadonlyMap<number, CommittedUnit>> {
    return committedUnits(this.admin, this.stable, this.options, this.partitionCounts.get('impressions'));
  }

  /** An offset of every partition of a role. */
  private numbered(role: TopicRole, ask: (topic: string) => Promise<number[]>): Promise<readonly PlacedOffset[]> {
    return numberedOffsets(this.options, role, this.partitionCounts.get(role)!, ask);
  }

  /** Connects before the first request and makes whatever is thrown an error of the table. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.connecting ??= this.connect();
      await this.connecting.catch((error: unknown) => {
        this.connecting = undefined;
        throw error;
      });
      return await work();
    } catch (thrown) {
      const { application, transport } = this.options;
      const input = nameOf(this.options, 'impressions');
      const error = await coordinatorFault(this.kafka, thrown, 'group', application, input);
      throw asSluiceError(error, transport.brokers);
    }
  }

  private async connect(): Promise<void> {
    await knock(this.options, this.socketFactory);
    await Promise.all([this.admin.connect(), this.stable.connect([]), this.written.connect([])]);
  }

  /** Learns the partition counts of these topics. Throws `topic-missing`. */
  private async count(roles: readonly TopicRole[]): Promise<void> {
    for (const role of roles) {
      if (this.partitionCounts.has(role)) continue;
      const topic = nameOf(this.options, role);
      const count = await this.written.partitionCount(topic).catch((error: unknown) => {
        if (hasType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return 0;
        throw error;
      });
      if (count === 0) throw new SluiceError('topic-missing', { topic });
      this.partitionCounts.set(role, count);
    }
  }
}

const withoutMark = ({ offsets, progress }: CommittedUnit): Committed => ({ offsets, progress });
