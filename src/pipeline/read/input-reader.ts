import type { Clock } from '../../ports/clock.js';
import { recordSize } from '../../ports/record-size.js';
import { INPUTS, type Fetched, type InputName, type LogRecord, type PartitionLease } from '../../ports/transport.js';

export interface ReadSettings {
  /** Bytes a chunk, shared by both inputs. */
  readonly maxBytes: number;
  /** Longest wait for a first record. */
  readonly lingerMs: number;
  /** Least time between two chunks with records, where more may be gathered and a chunk is not full. */
  readonly commitEveryMs: number;
}

/** Chunks without a record after which the wait for a first one is longer, and by how much. */
const SILENT_CHUNKS = 20;
const SILENT_FACTOR = 20;
/** A reason that costs nothing: one of its own is an error with a stack. */
const OVER = 'over';
const NEVER = new Promise<never>(() => undefined);
/** How old the knowledge may be that nothing more stands in a log, where nothing depends on the moment. */
const MAY_BE_OLD_MS = 2_000;

/** Monotonic time as of which nothing more than was given out stood in an input's log; −Infinity while more is known to. */
export type CaughtUp = Readonly<Record<InputName, number>>;

/** As long as nobody has looked. */
export const NOT_CAUGHT_UP: CaughtUp = { impressions: -Infinity, interactions: -Infinity };

/** The next records of both inputs, each in its log's order. */
export interface Chunk {
  readonly records: Readonly<Record<InputName, readonly LogRecord[]>>;
  readonly caughtUp: CaughtUp;
}

/**
 * Reads both inputs of a partition by pull. One poll an input is always under way, so the next chunk is fetched while the
 * last one is processed and committed; an input that is held is not polled.
 */
export class InputReader {
  private readonly inbox: Record<InputName, LogRecord[]> = { impressions: [], interactions: [] };
  private readonly inboxBytes: Record<InputName, number> = { impressions: 0, interactions: 0 };
  private readonly underWay: Record<InputName, Promise<void> | undefined> = {
    impressions: undefined,
    interactions: undefined,
  };
  /** Ends with a poll that brings something. */
  private readonly arrivals: Record<InputName, Promise<void> | undefined> = {
    impressions: undefined,
    interactions: undefined,
  };
  private readonly ends: Record<InputName, number> = { ...NOT_CAUGHT_UP };
  private failure: { readonly thrown: unknown } | undefined;
  private silentChunks = 0;
  /** Monotonic time of the last chunk with records that was a unit of work, which one of a re-read is not. */
  private lastMs = -Infinity;
  private readonly hurried = new AbortController();

  constructor(
    private readonly lease: PartitionLease,
    private readonly settings: ReadSettings,
    private readonly clock: Clock,
  ) {}

  /** Ends all waiting from now on: somebody wants to stop between two chunks. */
  hurry(): void {
    this.hurried.abort();
  }

  /**
   * The next chunk, waiting up to `lingerMs` when there is nothing yet, twenty times as long after a silence.
   * @param before offsets to stop before: a barrier of the re-read; Infinity for none
   * @param held inputs not to read now
   * @param mayGather a chunk that is not full may wait until `commitEveryMs` after the last one
   * @param maxBytes bytes of each input, where they are to be fewer than usual
   */
  async next(
    before: Readonly<Record<InputName, number>>,
    held: Readonly<Record<InputName, boolean>>,
    mayGather = false,
    maxBytes?: Readonly<Record<InputName, number>>,
  ): Promise<Chunk> {
    const wanted = INPUTS.filter((input) => !held[input]);
    const mayBeOldMs = mayGather ? MAY_BE_OLD_MS : 0;
    for (const input of wanted) this.startPoll(input, this.waitMs, mayBeOldMs, 1);
    if (!wanted.some((input) => this.hasBefore(input, before[input])))
      // After a silence a poll that finds nothing is no reason to begin a unit of work.
      await this.nap(mayGather && this.isSilent ? this.arrivals : this.underWay, wanted, this.waitMs);
    if (mayGather) await this.gather(wanted, mayBeOldMs, maxBytes);
    if (this.failure) throw this.failure.thrown;
    const records = { impressions: [] as LogRecord[], interactions: [] as LogRecord[] };
    for (const input of wanted) records[input] = this.take(input, before[input], maxBytes?.[input]);
    if (wanted.some((input) => records[input].length > 0)) {
      this.silentChunks = 0;
      if (mayGather) this.lastMs = this.clock.monotonicMs();
    } else this.silentChunks++;
    return {
      records,
      caughtUp: this.caughtUp,
    };
  }

  /** True when more is known to wait, or nobody has looked. */
  get isBehind(): boolean {
    const { impressions, interactions } = this.caughtUp;
    return Math.min(impressions, interactions) === -Infinity;
  }

  /** As of now. */
  get caughtUp(): CaughtUp {
    return { impressions: this.caughtUpMs('impressions'), interactions: this.caughtUpMs('interactions') };
  }

  private caughtUpMs(input: InputName): number {
    return this.inbox[input].length === 0 ? this.ends[input] : -Infinity;
  }

  private hasBefore(input: InputName, offset: number): boolean {
    const first = this.inbox[input][0];
    return first !== undefined && first.offset < offset;
  }

  private get waitMs(): number {
    return this.settings.lingerMs * (this.isSilent ? SILENT_FACTOR : 1);
  }

  private get isSilent(): boolean {
    return this.silentChunks >= SILENT_CHUNKS;
  }

  /** Waits until one of these has ended or the time is over; not at all once somebody is in a hurry. */
  private async nap(
    ends: Readonly<Record<InputName, Promise<void> | undefined>>,
    inputs: readonly InputName[],
    waitMs: number,
  ): Promise<void> {
    if (this.hurried.signal.aborted) return;
    // A nap of its own: left on a signal that stays, those of a busy stream would pile up on it.
    const nap = new AbortController();
    const wake = (): void => nap.abort(OVER);
    this.hurried.signal.addEventListener('abort', wake, { once: true });
    await Promise.race([...inputs.map((input) => ends[input] ?? NEVER), this.clock.sleep(waitMs, nap.signal)]);
    this.hurried.signal.removeEventListener('abort', wake);
    nap.abort(OVER);
  }

  /** Lets a chunk grow until it is full or its time has come. */
  private async gather(
    inputs: readonly InputName[],
    mayBeOldMs: number,
    most?: Readonly<Record<InputName, number>>,
  ): Promise<void> {
    const { maxBytes, commitEveryMs } = this.settings;
    const untilMs = this.lastMs + commitEveryMs;
    const isEmpty = (): boolean => inputs.every((input) => this.inbox[input].length === 0);
    for (;;) {
      const leftMs = untilMs - this.clock.monotonicMs();
      const isFull = inputs.some((input) => this.inboxBytes[input] >= (most?.[input] ?? maxBytes));
      if (leftMs <= 0 || isFull || isEmpty() || this.failure || this.hurried.signal.aborted) return;
      for (const input of inputs) this.startPoll(input, leftMs, mayBeOldMs, maxBytes);
      await this.nap(this.underWay, inputs, leftMs);
    }
  }

  /** Polls an input unless a poll is under way or so many bytes of it wait. */
  private startPoll(input: InputName, waitMs: number, mayBeOldMs: number, enoughBytes: number): void {
    if (this.underWay[input] || this.inboxBytes[input] >= enoughBytes) return;
    let arrived = (): void => undefined;
    this.arrivals[input] = new Promise((resolve) => (arrived = resolve));
    const beganMs = this.clock.monotonicMs();
    const polled = this.lease.poll(input, this.settings.maxBytes, waitMs, mayBeOldMs).then(
      (fetched: Fetched) => {
        this.inbox[input] = [...this.inbox[input], ...fetched.records];
        for (const record of fetched.records) this.inboxBytes[input] += recordSize(record);
        this.ends[input] = fetched.caughtUp ? beganMs - (fetched.endAgeMs ?? 0) : -Infinity;
        if (fetched.records.length > 0) arrived();
      },
      (thrown: unknown) => {
        this.failure = { thrown };
        arrived();
      },
    );
    this.underWay[input] = polled.then(() => {
      this.underWay[input] = undefined;
    });
  }

  private take(input: InputName, before: number, maxBytes = this.settings.maxBytes): LogRecord[] {
    const inbox = this.inbox[input];
    let bytes = 0;
    let count = 0;
    while (count < inbox.length && inbox[count]!.offset < before && (count === 0 || bytes < maxBytes)) {
      bytes += recordSize(inbox[count]!);
      count++;
    }
    this.inboxBytes[input] -= bytes;
    return inbox.splice(0, count);
  }
}
