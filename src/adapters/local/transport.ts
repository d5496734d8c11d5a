import { type InputPlace, placesTold } from '../../config/input-places.js';
import type { Config } from '../../config/schema.js';
import { topicNames } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import {
  NO_GROWTH,
  type AssignmentListener,
  type Committed,
  type InputGrowth,
  type InputTail,
  type InputTails,
  type MissingTopic,
  type NewRecord,
  type ReadFrom,
  type TopicReader,
  type TopicRole,
  type Transport,
  type UnitOfWork,
} from '../../ports/transport.js';
import { Appender } from './append.js';
import { checkPartitionCount } from './committed.js';
import { type LeaseOptions, LocalLease } from './lease.js';
import type { LogStore } from './log-store.js';
import { Ownership, type Owner } from './owner.js';
import { type Positions, positionsByNumber, positionsByTopic } from './positions.js';
import { LocalReader } from './reader.js';
import { KEEP_ALL, Retention, type RetentionSettings } from './retention.js';
import { Session } from './session.js';
import { TopicTable } from './topic-table.js';
import { nextTurn } from './until-grown.js';

/** More records than a partition brings in a second. */
const MOST_TRIMS_A_BEAT = 50;
/** A few milliseconds of work. */
const MOST_DISCARDS_A_TURN = 500;

export interface LocalTransportOptions {
  readonly application: string;
  readonly topics: Config['topics'];
  readonly store: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every commit waits for the disk; else the disk has it with the next sign of life, about a second later. */
  readonly flushEachCommit: boolean;
  /** How often a waiting reader looks for what other processes appended. */
  readonly watchEveryMs: number;
  readonly processMark: string;
  readonly lives: (owner: Owner) => boolean;
  /** Default: everything is kept. */
  readonly retention?: RetentionSettings;
  /** Bytes that one record may have; default: any number. Said, not enforced. */
  readonly recordLimit?: number;
  /** Positions are kept by topic, so that the topics of an input may change. Default: by the number of the partition. */
  readonly keepsPositionsByTopic?: boolean;
}

/** The transport over a log of this machine: one owner per application, who gets every partition. */
export class LocalTransport implements Transport {
  readonly #topics: TopicTable;
  readonly #appender: Appender;
  readonly #ownership: Ownership;
  readonly #retention: Retention;
  readonly #positions: Positions;
  readonly #readers = new Set<LocalReader>();
  #session: Session | undefined;
  /** True while the disk may lack a commit. */
  #hasUnflushed = false;
  #isClosed = false;

  constructor(private readonly options: LocalTransportOptions) {
    this.#topics = new TopicTable(options.store, options.topics);
    this.#appender = new Appender(options.store, this.#topics);
    this.#ownership = new Ownership(options);
    this.#positions = options.keepsPositionsByTopic
      ? positionsByTopic(options.store, options.application, this.#topics)
      : positionsByNumber(options.store, options.application);
    this.#retention = new Retention(options.store, this.#topics, options.clock, options.retention ?? KEEP_ALL);
  }

  async prepare(): Promise<void> {
    this.#topics.prepare(this.options.logger);
  }

  missingTopics(): Promise<readonly MissingTopic[]> {
    return Promise.resolve(this.#topics.missing());
  }

  async partitionCount(topic: TopicRole): Promise<number> {
    return this.#topics.get(topic).partitions;
  }

  /** A store keeps the partitions that it was made with. */
  grownInputs(): Promise<InputGrowth> {
    return Promise.resolve(NO_GROWTH);
  }

  /** The store takes records of any size. */
  recordLimit(): Promise<number> {
    return Promise.resolve(this.options.recordLimit ?? Infinity);
  }

  othersInGroup(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async join(listener: AssignmentListener): Promise<void> {
    if (this.#session) throw new SluiceError('bug', { why: 'joined twice' });
    const { application, store, clock } = this.options;
    const partitions = this.#topics.inputPartitions();
    this.#ownership.claim();
    try {
      store.write(() => {
        checkPartitionCount(store, application, this.#topics.get('impressions').name, partitions);
        this.#positions.adopt();
      });
    } catch (error) {
      this.#ownership.release();
      throw error;
    }
    const session = new Session({ ownership: this.#ownership, clock, listener, upkeep: () => this.#upkeep() });
    this.#session = session;
    session.start(Array.from({ length: partitions }, (_, partition) => this.#lease(session, partition)));
  }

  async leave(): Promise<void> {
    const session = this.#session;
    await session?.end();
    if (this.#session === session) this.#session = undefined;
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    const { store, clock } = this.options;
    store.write(() => this.#appender.append(records, clock.nowMs()));
    store.growth.wake();
    await store.flush();
  }

  publish(records: readonly NewRecord[]): Promise<void> {
    return this.append(records);
  }

  async reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    const { store, clock, watchEveryMs } = this.options;
    const positions = topics.flatMap((topic) =>
      this.#placesOf(topic)
        .filter((_, numbered) => partition === undefined || numbered === partition)
        .map(({ topic: name, partition: p }) => ({
          topic,
          name,
          partition: p,
          nextOffset: startOf(from, () => store.endOffset(name, p)),
        })),
    );
    const onClose = (closed: LocalReader) => this.#readers.delete(closed);
    const reader = new LocalReader({ store, clock, watchEveryMs, positions, onClose });
    this.#readers.add(reader);
    return reader;
  }

  async tails(): Promise<InputTails> {
    const commit = (): Promise<never> => Promise.reject(new SluiceError('bug', { why: 'a tail commits nothing' }));
    const count = this.#topics.inputPartitions();
    const tails = Array.from({ length: this.#topics.numberedCount() }, (_, partition): InputTail => {
      // Each its own signal: one of all would have as many listeners as there are partitions, of which Node warns.
      const lease = this.#leaseOf({ partition, signal: new AbortController().signal, commit });
      const lies = placesTold(this.options, partition, count);
      if (lies === undefined) return lease;
      return {
        partition,
        lies,
        seek: (to) => lease.seek(to),
        poll: (input, ...bounds) => lease.poll(input, bounds[0], bounds[1]),
      };
    });
    return { tails, close: () => Promise.resolve() };
  }

  async committedAll(): Promise<ReadonlyMap<number, Committed>> {
    const partitions = Array.from({ length: this.#topics.numberedCount() }, (_, partition) => partition);
    return new Map(partitions.map((partition) => [partition, this.#positions.read(partition)]));
  }

  async endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.#placesOf(topic).map((place) => this.options.store.endOffset(place.topic, place.partition));
  }

  async discard(topic: TopicRole, partition: number, beforeOffset: number): Promise<void> {
    const { store } = this.options;
    const { name } = this.#topics.get(topic);
    const bounds = { beforeOffset, beforeMs: Infinity };
    for (let isMore = true; isMore; await nextTurn())
      isMore = store.write(() => store.trim(name, partition, bounds, MOST_DISCARDS_A_TURN)) === MOST_DISCARDS_A_TURN;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.leave();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    await this.options.store.flush();
    await this.options.store.close();
  }

  /** Ends the session as after a failure of the log: leases abort, the listener is told. For failure switches. */
  fail(error: Error): void {
    this.#session?.fail(error);
  }

  #lease(session: Session, partition: number): LocalLease {
    return this.#leaseOf({
      partition,
      signal: session.signal,
      commit: (p, unit) => this.#commit(session, p, unit),
    });
  }

  #leaseOf(of: Pick<LeaseOptions, 'partition' | 'signal' | 'commit'>): LocalLease {
    const { partition } = of;
    return new LocalLease({
      ...this.options,
      ...of,
      places: {
        impressions: this.#topics.placeOf('impressions', partition),
        interactions: this.#topics.placeOf('interactions', partition),
      },
      readCommitted: () => this.#positions.read(partition),
    });
  }

  /** Every partition of a role, in the order of their numbers. */
  #placesOf(role: TopicRole): readonly InputPlace[] {
    const { partitions } = this.#topics.get(role);
    return topicNames(this.options.topics, role).flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
    );
  }

  async #commit(session: Session, partition: number, unit: UnitOfWork): Promise<void> {
    const { store, clock, flushEachCommit } = this.options;
    const isDone = store.write(() => {
      if (!this.#ownership.isHeld()) return false;
      this.#appender.append(unit.records, clock.nowMs());
      this.#positions.put(partition, unit);
      return true;
    });
    if (!isDone) throw session.lose(partition);
    store.growth.wake();
    this.#hasUnflushed = true;
    if (flushEachCommit) await this.#flush();
  }

  /** With every sign of life: brings commits to the disk, and deletes what has been kept long enough, a turn at a time. */
  async #upkeep(): Promise<void> {
    await this.#flush();
    if (this.#retention.keepsAll) return;
    for (let turns = 0, isMore = true; isMore && turns < MOST_TRIMS_A_BEAT; turns++) {
      isMore = this.options.store.write(() => this.#ownership.isHeld() && this.#retention.trim());
      await nextTurn();
    }
  }

  async #flush(): Promise<void> {
    if (!this.#hasUnflushed) return;
    this.#hasUnflushed = false;
    await this.options.store.flush();
  }
}

function startOf(from: ReadFrom, end: () => number): number {
  if (typeof from === 'number') return from;
  return from === 'earliest' ? 0 : end();
}
