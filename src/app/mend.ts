import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** Failures in a row that are tried again. */
const MOST_RESTARTS = 5;
const FIRST_PAUSE_MS = 500;
/** A life of this length forgives the failures before it. */
const FORGIVEN_AFTER_MS = 600_000;

/** Counts the failures of one partition and says whether to try again: transient ones, a few times, ever later. */
export class Mending {
  private restarts = 0;
  private bornMs: number;

  constructor(private readonly clock: Clock) {
    this.bornMs = clock.monotonicMs();
  }

  /** True when a failure now would use up more than half of the tries: the next ones come late, and may be the last. */
  get isNearlySpent(): boolean {
    return !this.isForgiven && this.restarts + 1 > MOST_RESTARTS / 2;
  }

  /**
   * Waits before the next try.
   * @returns which restart it is, from 1
   * @throws what was thrown, when trying again would not help or has not
   */
  async again(thrown: unknown, signal: AbortSignal): Promise<number> {
    if (this.isForgiven) this.restarts = 0;
    if (!mayMend(thrown) || this.restarts >= MOST_RESTARTS) throw thrown;
    await this.clock.sleep(FIRST_PAUSE_MS * 2 ** this.restarts, signal);
    this.bornMs = this.clock.monotonicMs();
    return ++this.restarts;
  }

  private get isForgiven(): boolean {
    return this.clock.monotonicMs() - this.bornMs >= FORGIVEN_AFTER_MS;
  }
}

/** A stuck partition still runs somewhere; another encoder is another run. */
const BEYOND_MENDING: ReadonlySet<string> = new Set(['stuck', 'encoder-chosen', 'inputs-grew']);

/** Whether trying again may help. A stuck partition still runs somewhere, and a second life of it would meet the first. */
function mayMend(thrown: unknown): boolean {
  if (thrown instanceof SluiceError) return thrown.class === 'transient' && !BEYOND_MENDING.has(thrown.code);
  return !isProgrammingError(thrown);
}

/** A mistake of ours comes again on every try: it should be seen at once. */
function isProgrammingError(thrown: unknown): boolean {
  return thrown instanceof TypeError || thrown instanceof ReferenceError;
}
