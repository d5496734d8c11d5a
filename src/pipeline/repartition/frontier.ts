/** Messages behind one that speak for or against its time. */
const WITNESSES = 32;

/**
 * How far one partition of an input has come in event time, as its next message says. Where all messages of all partitions
 * are put in the order of these, a message finds none before it that is newer than the newest of its own partition: so what
 * is in time for its own partition is in time for all. A time further ahead than is credible counts only when most of the
 * messages behind it, as far as they are at hand, agree.
 */
export class Frontier {
  private reachedMs = -Infinity;

  /** @param credibleMs how far ahead of its partition one message is taken at its word */
  constructor(private readonly credibleMs: number) {}

  /**
   * Moves on to the next message.
   * @param timeMs its event time; undefined: it has none, and stands where the one before it does
   * @param behind event times of the messages behind it, in order
   * @returns where it stands in the order of all partitions, ms; −Infinity before the first time
   */
  reach(timeMs: number | undefined, behind: Iterable<number | undefined>): number {
    if (timeMs === undefined) return this.reachedMs;
    const isFar = Math.abs(timeMs - this.reachedMs) > this.credibleMs;
    if (!isFar) return (this.reachedMs = Math.max(this.reachedMs, timeMs));
    const agreedMs = medianOf(timeMs, behind);
    if (timeMs > this.reachedMs) {
      if (timeMs <= agreedMs + this.credibleMs) this.reachedMs = timeMs;
      else if (this.reachedMs === -Infinity) this.reachedMs = agreedMs;
    } else if (agreedMs < this.reachedMs - this.credibleMs) {
      // What went before was the wrong clock, or the partition has turned to older events: they may go first.
      this.reachedMs = agreedMs;
    }
    return this.reachedMs;
  }
}

function medianOf(first: number, behind: Iterable<number | undefined>): number {
  const times = [first];
  for (const time of behind) {
    if (time !== undefined) times.push(time);
    if (times.length > WITNESSES) break;
  }
  times.sort((left, right) => left - right);
  return times[(times.length - 1) >> 1]!;
}
