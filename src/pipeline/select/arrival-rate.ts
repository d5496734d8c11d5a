/**
 * Samples per second of event time, as an exponentially decayed count over an exponentially decayed span, so that a budget
 * per second can be spent as a share of what comes.
 */
export class ArrivalRate {
  private weight: number;
  private spanSeconds: number;
  private lastMs: number;

  constructor(memory: readonly [number, number, number] | undefined) {
    [this.weight, this.spanSeconds, this.lastMs] = memory ?? [0, 0, -Infinity];
  }

  /** Takes a sample at its event time, ms; a time before the last one counts as the last one. */
  observe(timeMs: number): void {
    const seconds = this.lastMs === -Infinity ? 0 : Math.max(0, timeMs - this.lastMs) / 1000;
    const kept = Math.exp(-seconds / MEMORY_SECONDS);
    this.weight = this.weight * kept + 1;
    this.spanSeconds = this.spanSeconds * kept + MEMORY_SECONDS * (1 - kept);
    this.lastMs = Math.max(this.lastMs, timeMs);
  }

  /** Over at least {@link LEAST_SPAN_SECONDS}, so that the first list of a day is not taken for a flood. */
  get perSecond(): number {
    return this.weight / Math.max(LEAST_SPAN_SECONDS, this.spanSeconds);
  }

  /** For the progress record; undefined before the first sample. */
  get memory(): readonly [number, number, number] | undefined {
    return this.lastMs === -Infinity ? undefined : [this.weight, this.spanSeconds, this.lastMs];
  }
}

/** Long against the gaps between lists, short against the course of a day. */
const MEMORY_SECONDS = 300;
const LEAST_SPAN_SECONDS = 10;
