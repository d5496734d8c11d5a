import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** Longest time between two looks. */
const LOOK_EVERY_MS = 5_000;

/**
 * Notices a partition that has stopped without a word: every unit of work and every step of a restore is a sign of life,
 * and an idle partition gives one every `batch.lingerMs`.
 */
export class StuckWatch {
  private readonly lastSignMs = new Map<number, number>();

  /** @param afterMs silence beyond which a partition is stuck */
  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
  ) {}

  /** A partition gave a sign of life. */
  sign(partition: number): void {
    this.lastSignMs.set(partition, this.clock.monotonicMs());
  }

  /** A partition is no longer watched. */
  leave(partition: number): void {
    this.lastSignMs.delete(partition);
  }

  /** Looks until the signal; tells of the first partition that is stuck, once. */
  async watch(signal: AbortSignal, onStuck: (error: SluiceError) => void): Promise<void> {
    while (await this.clock.sleep(Math.max(1, Math.min(LOOK_EVERY_MS, this.afterMs / 4)), signal)) {
      for (const [partition, signMs] of this.lastSignMs) {
        const forMs = Math.round(this.clock.monotonicMs() - signMs);
        if (forMs > this.afterMs) return onStuck(new SluiceError('stuck', { what: `partition ${partition}`, forMs }));
      }
    }
  }
}
