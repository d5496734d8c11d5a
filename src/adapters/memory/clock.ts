import type { Clock } from '../../ports/clock.js';

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

export interface ManualClockOptions {
  /** Wall time at the start, epoch milliseconds. */
  readonly nowMs?: number;
  /** Every sleep moves the time by its own length and ends at once. */
  readonly skipSleeps?: boolean;
}

/** A clock that stands still until told to move. Sleepers wake in the order of their times, ties in the order they came. */
export class ManualClock implements Clock {
  /** Wall time, epoch milliseconds. */
  #nowMs: number;
  /** Monotonic time: what was advanced so far. */
  #elapsedMs = 0;
  /** Who sleeps, in no order. */
  #sleepers: Sleeper[] = [];
  readonly #skipSleeps: boolean;

  constructor(options: ManualClockOptions = {}) {
    this.#nowMs = options.nowMs ?? 1_700_000_000_000;
    this.#skipSleeps = options.skipSleeps ?? false;
  }

  /** How many sleeps wait for the time to move. */
  get sleeperCount(): number {
    return this.#sleepers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    if (this.#skipSleeps) this.jump(Math.max(0, ms));
    if (this.#skipSleeps || ms <= 0) return turn().then(() => !signal?.aborted);
    return new Promise((resolve) => {
      const end = (slept: boolean) => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener('abort', onAbort);
        resolve(slept);
      };
      const onAbort = () => end(false);
      const sleeper = { wakeAtMs: this.#elapsedMs + ms, wake: () => end(true) };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Moves the time by `ms`, stopping at each sleeper on the way and letting what it wakes run (and sleep again). */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await turn();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#move(next.wakeAtMs - this.#elapsedMs);
      next.wake();
      await turn();
    }
    this.#move(untilMs - this.#elapsedMs);
  }

  /** Moves the time by `ms` in one step and wakes everyone who is due. */
  jump(ms: number): void {
    this.#move(ms);
    for (let next = this.#next(this.#elapsedMs); next !== undefined; next = this.#next(this.#elapsedMs)) next.wake();
  }

  #move(ms: number): void {
    this.#nowMs += ms;
    this.#elapsedMs += ms;
  }

  #next(untilMs: number): Sleeper | undefined {
    return this.#sleepers
      .filter((sleeper) => sleeper.wakeAtMs <= untilMs)
      .reduce<Sleeper | undefined>((first, one) => (first && first.wakeAtMs <= one.wakeAtMs ? first : one), undefined);
  }
}

/** Lets everything that is ready run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
