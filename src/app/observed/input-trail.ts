import type { Fetched } from '../../ports/transport.js';

/** What was fetched by one poll and is not committed yet. */
interface Stretch {
  /** Offset after its last record. */
  readonly end: number;
  /** Record timestamps, epoch ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When it arrived, monotonic ms. */
  readonly arrivedMs: number;
}

/** How far behind an input is. */
export interface Lag {
  readonly records: number;
  /** Age of the newest committed record; undefined while no record's time is known. */
  readonly seconds: number | undefined;
}

/**
 * One input of a lease from fetch to commit, as far as lags and times need it: a few numbers a poll.
 * Offsets may have gaps, so "nothing is waiting" is what a poll said, not a difference.
 */
export class InputTrail {
  /** Next offset to be committed; undefined before the lease was asked. */
  private committedTo: number | undefined;
  /** Next offset to be fetched. */
  private position = 0;
  private stretches: Stretch[] = [];
  private committedMs: number | undefined;
  /** Monotonic time of a poll that found nothing more, while no later one found something. */
  private caughtUpMs: number | undefined;

  /** The input was committed up to here, as the transport has it. */
  startAt(offset: number): void {
    this.committedTo = offset;
  }

  seek(offset: number): void {
    this.position = offset;
    this.stretches = [];
    this.caughtUpMs = undefined;
  }

  /** Takes what a poll brought. @returns how many of the records had been committed before: a restore reads them again */
  fetched({ records, caughtUp }: Fetched, nowMs: number): number {
    this.caughtUpMs = caughtUp ? nowMs : undefined;
    const [first, last] = [records[0], records.at(-1)];
    if (!first || !last) return 0;
    const end = last.offset + 1;
    const before = this.committedTo ?? 0;
    this.position = end;
    if (end <= before) {
      this.committedMs = last.timestampMs;
      return records.length;
    }
    this.stretches.push({ end, firstMs: first.timestampMs, lastMs: last.timestampMs, arrivedMs: nowMs });
    return first.offset >= before ? 0 : records.findIndex(({ offset }) => offset >= before);
  }

  /** Moves the commit on. @returns offsets passed, and when the first record of them arrived, monotonic ms */
  committed(offset: number): { readonly passed: number; readonly arrivedMs: number } {
    const passed = offset - (this.committedTo ?? offset);
    const arrivedMs = passed > 0 ? (this.stretches[0]?.arrivedMs ?? Infinity) : Infinity;
    this.committedTo = offset;
    while (this.stretches[0] !== undefined && this.stretches[0].end <= offset)
      this.committedMs = this.stretches.shift()!.lastMs;
    return { passed, arrivedMs };
  }

  /**
   * How far behind the commit is.
   * @param end offset after the last record of the topic partition
   * @param sinceMs monotonic time: a poll after it that found nothing more counts
   * @param nowMs wall clock
   * @returns undefined before the lease was asked what is committed
   */
  lag(end: number, sinceMs: number, nowMs: number): Lag | undefined {
    if (this.committedTo === undefined) return undefined;
    const isAtEnd = this.caughtUpMs !== undefined && this.caughtUpMs >= sinceMs && this.committedTo >= this.position;
    const records = isAtEnd ? 0 : Math.max(0, end - this.committedTo);
    if (records === 0) return { records, seconds: 0 };
    const sinceCommitMs = this.committedMs ?? this.stretches[0]?.firstMs;
    return { records, seconds: sinceCommitMs === undefined ? undefined : Math.max(0, nowMs - sinceCommitMs) / 1000 };
  }
}
