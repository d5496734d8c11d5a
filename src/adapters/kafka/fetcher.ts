import type { Cluster } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { bounded } from './bounded.js';
import { committedRecords } from './committed-records.js';
import type { Cursor } from './cursor.js';
import { DoubtedBatches } from './doubted-batches.js';
import { asSluiceError, closedBroker, faultsOf, hasType, isHopeless, isUnpackFault } from './failures.js';
import { fetchBatches } from './fetch-batches.js';
import { FETCH_WAIT_MS, IDLE_FETCH_WAIT_MS, MAX_FETCH_BYTES } from './settings.js';

const READ_COMMITTED = 1;
const MAX_BACKOFF_MS = 2_000;
/** Largest part of one topic partition in a response, so that one does not starve the others. */
const MAX_PARTITION_BYTES = 1_048_576;
/** An answer with fewer is followed by a pause. */
const FEW_RECORDS = 100;
/** Partitions come together, and their positions change at first. */
const SETTLED_MS = 5_000;
/** Tries of a batch that cannot be taken apart. */
const MOST_UNPACK_TRIES = 3;

/**
 * Fills cursors from the log: per broker one fetch at a time over all hungry cursors it leads, read committed. kafkajs's
 * own consumer is not used for reading: it cannot tell an answer to an old position from one to the new when a leader
 * moves, commits a default offset over ours when retention overtakes a reader, and hands out aborted records where
 * transactions overlap.
 */
export class Fetcher {
  private readonly cursors = new Set<Cursor>();
  private readonly inFlight = new Map<string, Promise<void>>();
  /** Partitions of an answer that could not be taken apart, each with how often that was its alone. */
  private readonly suspects = new Map<Cursor, number>();
  private readonly doubted = new DoubtedBatches();
  private readonly ended = new AbortController();
  private wake: () => void = () => {};
  private turn = 0;
  private loop: Promise<void> | undefined;
  private backoffMs = 0;
  private topics: readonly string[] = [];
  /** Monotonic time of the last good answer, or since when one is awaited. */
  lastAnswerMs: number;
  /** Monotonic time of the last new cursor. */
  private movedAtMs: number;
  /** Good answers so far. */
  answerCount = 0;
  lastError: unknown;
  private cluster: Cluster;

  constructor(
    private readonly open: () => Cluster,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly requestTimeoutMs: number,
  ) {
    this.cluster = open();
    this.movedAtMs = clock.monotonicMs();
    this.lastAnswerMs = clock.monotonicMs();
  }

  /** Connects and starts; throws what kafkajs throws when no broker answers. */
  async start(topics: readonly string[]): Promise<void> {
    this.topics = topics;
    await this.cluster.connect();
    await this.cluster.addMultipleTargetTopics([...topics]);
    this.loop = this.run();
  }

  add(cursor: Cursor): void {
    this.cursors.add(cursor);
    this.movedAtMs = this.clock.monotonicMs();
    this.wake();
  }

  remove(cursor: Cursor): void {
    this.cursors.delete(cursor);
    this.suspects.delete(cursor);
    this.doubted.forget(cursor);
    cursor.close();
  }

  /** Gives up the connections and what is on its way (late answers are dropped), and goes on with new ones. */
  restart(): void {
    const stale = this.cluster;
    stale.disconnect().catch(() => undefined);
    this.cluster = this.open();
    this.inFlight.clear();
    for (const cursor of this.cursors) cursor.isInFlight = false;
    this.lastAnswerMs = this.clock.monotonicMs();
    this.wake();
  }

  /** Looks again for hungry cursors. */
  nudge(): void {
    this.wake();
  }

  /** True when records are wanted: no answer then means that something is stuck. */
  get isWanting(): boolean {
    return this.inFlight.size > 0 || [...this.cursors].some((cursor) => cursor.isHungry);
  }

  /** Ends reading. Connections on which a fetch still waits at its broker close after its answer, a second later at most. */
  async close(): Promise<void> {
    this.ended.abort();
    this.wake();
    for (const cursor of this.cursors) cursor.close();
    await this.loop;
    const left = [...this.inFlight.values()];
    const closed = Promise.allSettled(left).then(() =>
      bounded(this.cluster.disconnect(), 2_000, this.clock, 'disconnect').catch(() => undefined),
    );
    if (left.length === 0) await closed;
  }

  private async run(): Promise<void> {
    while (!this.ended.signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      try {
        await this.cluster.refreshMetadataIfNecessary();
        for (const [leader, cursors] of this.hungryByLeader()) {
          if (this.inFlight.has(leader)) continue;
          const fetching: Promise<void> = this.fetch(leader, cursors).finally(() => {
            if (this.inFlight.get(leader) === fetching) this.inFlight.delete(leader);
            this.wake();
          });
          this.inFlight.set(leader, fetching);
        }
      } catch (error) {
        await this.recover(error);
        continue;
      }
      await woken;
    }
  }

  private hungryByLeader(): Map<string, Cursor[]> {
    const byLeader = new Map<string, Cursor[]>();
    const hungry = [...this.cursors].filter((cursor) => cursor.isHungry);
    // Brokers fill a response in the order of the request: taking turns keeps the last one from starving.
    const start = hungry.length === 0 ? 0 : this.turn++ % hungry.length;
    for (const cursor of [...hungry.slice(start), ...hungry.slice(0, start)]) {
      const [leader] = Object.keys(this.cluster.findLeaderForPartitions(cursor.topic, [cursor.partition]));
      if (leader === undefined)
        throw new SluiceError('topic-missing', { topic: `${cursor.topic}-${cursor.partition}` });
      const asked = byLeader.get(leader) ?? [];
      // Of a topic that is both inputs, one at a time: an answer says the place, not who asked.
      const isAsked = asked.some(({ topic, partition }) => topic === cursor.topic && partition === cursor.partition);
      if (asked.length === 0 || (!isAsked && ![cursor, asked[0]!].some((each) => this.suspects.has(each))))
        byLeader.set(leader, [...asked, cursor]);
    }
    return byLeader;
  }

  private async fetch(leader: string, cursors: readonly Cursor[]): Promise<void> {
    const asked = cursors.map((cursor) => ({ cursor, ticket: cursor.ticket, offset: cursor.position ?? 0 }));
    const askedAtMs = this.clock.monotonicMs();
    const maxWaitTime = this.isSettled && cursors.length === this.cursors.size ? IDLE_FETCH_WAIT_MS : FETCH_WAIT_MS;
    let recordCount = 0;
    for (const { cursor } of asked) cursor.isInFlight = true;
    try {
      const broker = await this.cluster.findBroker({ nodeId: leader });
      const asking = fetchBatches(broker, {
        isolationLevel: READ_COMMITTED,
        maxWaitTime,
        minBytes: 1,
        maxBytes: MAX_FETCH_BYTES,
        topics: asked.map(({ cursor, offset }) => ({
          topic: cursor.topic,
          partitions: [
            {
              partition: cursor.partition,
              fetchOffset: String(offset),
              maxBytes: Math.min(cursor.room, MAX_PARTITION_BYTES),
            },
          ],
        })),
      });
      const response = await bounded(
        asking,
        this.requestTimeoutMs + maxWaitTime,
        this.clock,
        `fetch from broker ${leader}`,
      );
      for (const { topicName, partitions } of response.responses) {
        for (const fetched of partitions) {
          const request = asked.find(
            ({ cursor }) => cursor.topic === topicName && cursor.partition === fetched.partition,
          );
          if (request === undefined) continue;
          if (this.doubted.isDoubtful(request.cursor, fetched)) continue;
          const { records, nextOffset } = committedRecords(fetched, request.offset);
          request.cursor.learnEnd(Number(fetched.highWatermark), askedAtMs);
          recordCount += records.length;
          request.cursor.accept(request.ticket, request.offset, records, nextOffset);
        }
      }
      // Only now, for an answer that cannot be taken apart is no progress.
      this.lastAnswerMs = this.clock.monotonicMs();
      this.answerCount++;
      this.backoffMs = 0;
      this.lastError = undefined;
      for (const { cursor } of asked) this.suspects.delete(cursor);
      // A message every few milliseconds would be a fetch each.
      if (recordCount > 0 && recordCount < FEW_RECORDS && this.isSettled)
        await this.clock.sleep(FETCH_WAIT_MS, this.ended.signal);
    } catch (error) {
      if (this.ended.signal.aborted) return;
      if (hasType(error, 'OFFSET_OUT_OF_RANGE')) await this.outOfRange(error, asked);
      else if (isUnpackFault(error)) await this.suspect(error, asked);
      else if (isHopeless(error)) {
        for (const { cursor, ticket } of asked) cursor.fail(ticket, asSluiceError(error, []));
      } else await this.recover(error);
    } finally {
      for (const { cursor } of asked) cursor.isInFlight = false;
    }
  }

  /**
   * An answer came and could not be taken apart, which only messages of an old format (before Kafka 0.11) can do. From now
   * on its partitions are asked for one at a time, so that the others go on; the one whose batch it is ends after a few
   * tries, with an error that names it.
   */
  private async suspect(
    error: unknown,
    asked: readonly { cursor: Cursor; ticket: number; offset: number }[],
  ): Promise<void> {
    const isAlone = asked.length === 1;
    for (const { cursor, ticket, offset } of asked) {
      const tries = (this.suspects.get(cursor) ?? 0) + (isAlone ? 1 : 0);
      this.suspects.set(cursor, tries);
      if (!isAlone) continue;
      const { topic, partition } = cursor;
      const why = messageOf(error);
      this.logger.warn('a fetched batch cannot be taken apart', { topic, partition, offset, tries, why });
      if (tries < MOST_UNPACK_TRIES) continue;
      this.suspects.delete(cursor);
      const found = new SluiceError('unreadable-batch', { topic, partition, offset, why }, { cause: error });
      cursor.fail(ticket, found);
    }
    await this.pause(error);
  }

  private async outOfRange(
    error: unknown,
    asked: readonly { cursor: Cursor; ticket: number; offset: number }[],
  ): Promise<void> {
    const fault = faultsOf(error).find((each) => 'partition' in each) as
      { topic?: string; partition?: number } | undefined;
    const lost = asked.find(({ cursor }) => cursor.topic === fault?.topic && cursor.partition === fault?.partition);
    if (lost === undefined) return this.recover(error);
    const { cursor, ticket, offset } = lost;
    try {
      const [found] = await this.cluster.fetchTopicsOffset([
        { topic: cursor.topic, partitions: [{ partition: cursor.partition }], fromBeginning: true },
      ]);
      const earliest = Number(found?.partitions[0]?.offset ?? -1);
      cursor.fail(
        ticket,
        new SluiceError(
          'input-lost',
          { topic: cursor.topic, partition: cursor.partition, earliest, wanted: offset },
          { cause: error },
        ),
      );
    } catch (second) {
      await this.recover(second);
    }
  }

  private get isSettled(): boolean {
    return this.clock.monotonicMs() - this.movedAtMs > SETTLED_MS;
  }

  private async pause(error: unknown): Promise<void> {
    this.lastError = error;
    this.backoffMs = Math.min(MAX_BACKOFF_MS, Math.max(50, this.backoffMs * 2));
    await this.clock.sleep(this.backoffMs, this.ended.signal);
  }

  /** Waits a growing while and refreshes what kafkajs knows of the cluster: leaders move, brokers go. */
  private async recover(error: unknown): Promise<void> {
    this.logger.debug('fetch failed, trying again', { why: messageOf(error) });
    await this.pause(error);
    if (this.ended.signal.aborted) return;
    const closed = closedBroker(error);
    if (closed !== undefined) this.cluster.removeBroker(closed);
    try {
      if (!this.cluster.isConnected()) await this.cluster.connect();
      await this.cluster.addMultipleTargetTopics([...this.topics]);
      await this.cluster.refreshMetadata();
    } catch (again) {
      this.lastError = again;
    }
  }
}
