import type { Config } from '../config/schema.js';
import { shortestWindowMs } from '../events/windows.js';
import type { HealthBoard } from '../observe/health-board.js';

/** Share of an attribution window that the steps of an idle partition's watermark take at the most. */
const WINDOW_SHARE = 1 / 8;

/**
 * How long a watermark may stand while events wait: an idle partition waits for `join.idleTimeoutMs`, then the wall clock
 * takes it over the allowed lateness, in steps of a part of the window.
 */
export function longestStandMs(join: Config['join']): number {
  return join.idleTimeoutMs + join.allowedLatenessMs + shortestWindowMs(join) * WINDOW_SHARE;
}

/** What of a partition's order is looked at. */
interface Order {
  readonly waitingCount: number;
  readonly watermarkMs: number;
}

/** Notices a partition that gives signs of life and lets nothing go: events wait for their turn, and time stands still. */
export class ReleaseWatch {
  private watermarkMs = -Infinity;
  private movedMs: number;
  private isImpeded = false;

  constructor(
    private readonly partition: number,
    private readonly health: Pick<HealthBoard, 'impede' | 'relieve'>,
    private readonly afterMs: number,
    nowMs: number,
  ) {
    this.movedMs = nowMs;
  }

  /** Takes the order as it is after a unit of work; `nowMs` is monotonic. */
  observe({ waitingCount, watermarkMs }: Order, nowMs: number): void {
    if (waitingCount === 0 || watermarkMs > this.watermarkMs) {
      this.watermarkMs = watermarkMs;
      this.movedMs = nowMs;
      this.end();
    } else if (nowMs - this.movedMs > this.afterMs) {
      this.isImpeded = true;
      const standsS = Math.round((nowMs - this.movedMs) / 1000);
      const why = `${waitingCount} events of partition ${this.partition} wait for their turn, and none had it for ${standsS} s`;
      this.health.impede(`nothing-released-${this.partition}`, why);
    }
  }

  /** The partition is no longer watched. */
  end(): void {
    if (!this.isImpeded) return;
    this.isImpeded = false;
    this.health.relieve(`nothing-released-${this.partition}`);
  }
}
