import type { Clock } from '../../ports/clock.js';

/** Lets readers wait until the log may have grown. */
export class Growth {
  /** Ends the wait of everyone who waits. */
  readonly #waiting = new Set<() => void>();

  /** Ends all waits. */
  wake(): void {
    for (const end of [...this.#waiting]) end();
  }

  /** Resolves on the next {@link wake}, after `ms`, or when the signal aborts, whichever is first. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    const end = () => woken.abort();
    this.#waiting.add(end);
    signal.addEventListener('abort', end, { once: true });
    try {
      await clock.sleep(ms, woken.signal);
    } finally {
      this.#waiting.delete(end);
      signal.removeEventListener('abort', end);
    }
  }
}
