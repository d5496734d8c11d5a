import { SluiceError } from '../../errors.js';
import {
  INPUTS,
  MAX_PROGRESS_BYTES,
  NOTHING_FETCHED,
  type Committed,
  type Fetched,
  type InputName,
  type InputOffsets,
  type PartitionLease,
  type UnitOfWork,
} from '../../ports/transport.js';
import type { Committer } from './committer.js';
import { Cursor } from './cursor.js';
import { asSluiceError, isHopeless } from './failures.js';
import type { Fetcher } from './fetcher.js';
import type { OffsetLookup } from './offsets.js';
import { type InputPlace } from '../../config/input-places.js';
import { nameOf, type KafkaOptions } from './settings.js';

/**
 * The right to one partition. It may outlive a rebalance: should the partition have been with someone else meanwhile, that
 * owner has fenced our producer, so the next commit throws `fenced` and nothing of it is seen. Polls of a lease that was
 * taken away throw `fenced` too.
 */
export class KafkaLease implements PartitionLease {
  private readonly taken = new AbortController();
  /** One of an input that lies nowhere there is none of. */
  private readonly cursors: Readonly<Partial<Record<InputName, Cursor>>>;
  private committing: Promise<void> = Promise.resolve();

  constructor(
    readonly partition: number,
    private readonly options: KafkaOptions,
    private readonly committer: Committer,
    private readonly fetcher: Fetcher,
    private readonly lookup: OffsetLookup,
    /** Where each input of it lies; default: that partition of its topic. */
    readonly places: Readonly<Record<InputName, InputPlace | undefined>> = {
      impressions: { topic: nameOf(options, 'impressions'), partition },
      interactions: { topic: nameOf(options, 'interactions'), partition },
    },
  ) {
    const { maxBufferedBytes } = options.transport;
    const cursors: Partial<Record<InputName, Cursor>> = {};
    for (const input of INPUTS) {
      const place = places[input];
      if (place === undefined) continue;
      const cursor = new Cursor(place.topic, place.partition, maxBufferedBytes, () => fetcher.nudge());
      cursors[input] = cursor;
      fetcher.add(cursor);
    }
    this.cursors = cursors;
  }

  get signal(): AbortSignal {
    return this.taken.signal;
  }

  /** Bytes that wait in the two buffers. */
  get bufferedBytes(): Readonly<Record<InputName, number>> {
    const { impressions, interactions } = this.cursors;
    return { impressions: impressions?.buffered ?? 0, interactions: interactions?.buffered ?? 0 };
  }

  async committed(): Promise<Committed> {
    await this.committing;
    const { offsets, progress } = this.committer.committed;
    return { offsets, progress };
  }

  seek(offsets: InputOffsets): Promise<void> {
    for (const input of INPUTS) this.cursors[input]?.seek(offsets[input]);
    return Promise.resolve();
  }

  async poll(input: InputName, maxBytes: number, waitMs: number, mayBeOldMs = 0): Promise<Fetched> {
    this.refuseWhenTaken();
    const cursor = this.cursors[input];
    if (cursor === undefined) return { records: [], caughtUp: true };
    const { clock } = this.options;
    const beganMs = clock.monotonicMs();
    const { ticket } = cursor;
    if (cursor.isEmpty) {
      if (mayBeOldMs === 0) await this.look(cursor, beganMs);
      await this.waitForRecords(cursor, ticket, beganMs + waitMs);
    }
    this.refuseWhenTaken();
    if (cursor.ticket !== ticket) return NOTHING_FETCHED;
    const records = cursor.take(maxBytes);
    if (!cursor.isEmpty) return { records, caughtUp: false };
    await this.look(cursor, beganMs - mayBeOldMs);
    if (cursor.ticket !== ticket) return NOTHING_FETCHED;
    const { position } = cursor;
    if (position === undefined || !cursor.isEmpty) return { records, caughtUp: false };
    const endAgeMs = Math.max(0, beganMs - cursor.endAsOfMs);
    return { records, caughtUp: cursor.isAtEnd, endAgeMs, nextOffset: position };
  }

  commit(unit: UnitOfWork): Promise<void> {
    const bytes = Buffer.byteLength(unit.progress);
    if (bytes > MAX_PROGRESS_BYTES)
      return Promise.reject(new SluiceError('progress-too-large', { bytes, limit: MAX_PROGRESS_BYTES }));
    const committed = this.committing.then(async () => {
      this.refuseWhenTaken();
      try {
        await this.committer.commit(unit);
      } catch (error) {
        if (error instanceof SluiceError && error.code === 'fenced') this.abort(error);
        throw error;
      }
    });
    this.committing = committed.catch(() => undefined);
    return committed;
  }

  /** Takes the right away: the signal aborts and waiting polls end. */
  abort(reason?: Error): void {
    if (this.taken.signal.aborted) return;
    this.taken.abort(reason ?? new SluiceError('fenced', { partition: this.partition }));
    for (const input of INPUTS) this.cursors[input]?.notify();
  }

  /** Ends reading and frees the buffers. */
  close(): void {
    this.abort();
    for (const cursor of Object.values(this.cursors)) this.fetcher.remove(cursor);
  }

  /**
   * Learns the end of the log as written, as of a monotonic time or later: what an open transaction hides is still to come, so
   * nothing is caught up before that. Infinity while nobody can say: then nothing counts as caught up, and the watchdog judges.
   */
  private async look(cursor: Cursor, asOfMs: number): Promise<void> {
    if (cursor.endAsOfMs >= asOfMs) return;
    const askedAtMs = this.options.clock.monotonicMs();
    try {
      cursor.learnEnd(await this.lookup.end(cursor.topic, cursor.partition), askedAtMs);
    } catch (error) {
      if (isHopeless(error)) throw asSluiceError(error, this.options.transport.brokers);
      cursor.learnEnd(Infinity, askedAtMs);
    }
  }

  private async waitForRecords(cursor: Cursor, ticket: number, deadlineMs: number): Promise<void> {
    const { clock } = this.options;
    while (cursor.isEmpty && !cursor.hasFailed && !this.signal.aborted && cursor.ticket === ticket) {
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) return;
      const timer = new AbortController();
      await Promise.race([cursor.changed(), clock.sleep(leftMs, timer.signal)]);
      // With a reason, for one of its own is an error with a stack.
      timer.abort('over');
    }
  }

  private refuseWhenTaken(): void {
    if (this.signal.aborted) throw new SluiceError('fenced', { partition: this.partition });
  }
}
