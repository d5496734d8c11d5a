import { SluiceError } from '../../errors.js';
import type { InputPlace } from '../../config/input-places.js';
import type { Clock } from '../../ports/clock.js';
import {
  NOTHING_FETCHED,
  type Committed,
  type Fetched,
  type InputName,
  type InputOffsets,
  type PartitionLease,
  type UnitOfWork,
} from '../../ports/transport.js';
import { checkProgress } from './committed.js';
import type { LogStore } from './log-store.js';
import { nextTurn, untilGrown } from './until-grown.js';

export interface LeaseOptions {
  readonly partition: number;
  readonly store: LogStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where each input of it lies; undefined: nowhere. */
  readonly places: Readonly<Record<InputName, InputPlace | undefined>>;
  readonly readCommitted: () => Committed;
  /** How often to look for what other processes appended, while waiting. */
  readonly watchEveryMs: number;
  /** Commits as the current owner, or throws `fenced`. */
  readonly commit: (partition: number, unit: UnitOfWork) => Promise<void>;
}

/** What an input brings that has no partition of this number. */
const NOWHERE: Fetched = { records: [], caughtUp: true };

/** A partition of a local log. Polls start at the committed position until {@link seek} says otherwise. */
export class LocalLease implements PartitionLease {
  readonly partition: number;
  readonly signal: AbortSignal;
  /** Next offset to read of each input; another object after each seek, by which a poll sees that it was overtaken. */
  #next: Record<InputName, number>;

  constructor(private readonly options: LeaseOptions) {
    this.partition = options.partition;
    this.signal = options.signal;
    this.#next = { ...options.readCommitted().offsets };
  }

  async committed(): Promise<Committed> {
    return this.options.readCommitted();
  }

  async seek(offsets: InputOffsets): Promise<void> {
    this.#next = { ...offsets };
  }

  async poll(input: InputName, maxBytes: number, waitMs: number): Promise<Fetched> {
    const next = this.#next;
    // Without a turn a reader that always finds records would keep timers and signals from ever running.
    await nextTurn();
    const { store, clock, watchEveryMs } = this.options;
    const isOvertaken = () => this.#next !== next;
    const read = () => (isOvertaken() ? NOTHING_FETCHED : this.#read(input, maxBytes));
    const isEnough = (fetched: Fetched) => fetched.records.length > 0 || fetched === NOWHERE || isOvertaken();
    const found = await untilGrown(read, isEnough, { store, clock, waitMs, watchEveryMs, signal: this.signal });
    return found ?? NOTHING_FETCHED;
  }

  async commit(unit: UnitOfWork): Promise<void> {
    if (this.signal.aborted) throw new SluiceError('fenced', { partition: this.partition });
    checkProgress(unit);
    await this.options.commit(this.partition, unit);
  }

  #read(input: InputName, maxBytes: number): Fetched {
    const { store, places } = this.options;
    const place = places[input];
    if (place === undefined) return NOWHERE;
    const slice = store.read(place.topic, place.partition, this.#next[input], maxBytes);
    this.#next[input] = slice.nextOffset;
    return {
      records: slice.records,
      caughtUp: slice.nextOffset >= slice.endOffset,
      nextOffset: slice.nextOffset,
    };
  }
}
