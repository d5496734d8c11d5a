import { SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/** Longest time between two looks. */
const LOOK_EVERY_MS = 5_000;
/** Looks in the time of the patience, so that half of it is noticed early in its second half. */
const LOOKS = 10;

/** Who is told of silent partitions. */
export interface StuckListener {
  /** A partition has been silent for half of the patience. Told again at each look. */
  ailing(partition: number, error: SluiceError): void;
  /** One that was ailing gave a sign of life, or is no longer watched. */
  recovered(partition: number): void;
  /** A partition has been silent for all of the patience. Told once; nothing is watched after. */
  stuck(error: SluiceError): void;
}

/**
 * Notices a partition that has stopped without a word: every unit of work and every step of a restore is a sign of life,
 * and an idle partition gives one every `batch.lingerMs`.
 */
export class StuckWatch {
  private readonly lastSignMs = new Map<number, number>();
  private readonly ailing = new Set<number>();

  /** @param afterMs silence beyond which a partition is stuck */
  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
    private readonly listener: StuckListener,
  ) {}

  /** A partition gave a sign of life. */
  sign(partition: number): void {
    this.lastSignMs.set(partition, this.clock.monotonicMs());
    this.recover(partition);
  }

  /** A partition is no longer watched. */
  leave(partition: number): void {
    this.lastSignMs.delete(partition);
    this.recover(partition);
  }

  /** Looks until the signal, or until a partition is stuck. */
  async watch(signal: AbortSignal): Promise<void> {
    while (await this.clock.sleep(Math.max(1, Math.min(LOOK_EVERY_MS, this.afterMs / LOOKS)), signal)) {
      for (const [partition, signMs] of this.lastSignMs) {
        const forMs = Math.round(this.clock.monotonicMs() - signMs);
        if (forMs <= this.afterMs / 2) continue;
        const error = new SluiceError('stuck', { what: `partition ${partition}`, forMs });
        this.ailing.add(partition);
        this.listener.ailing(partition, error);
        if (forMs > this.afterMs) return this.listener.stuck(error);
      }
    }
  }

  private recover(partition: number): void {
    if (this.ailing.delete(partition)) this.listener.recovered(partition);
  }
}
