import type { Config } from '../../config/schema.js';
import type { Gate } from '../../pipeline/admit.js';
import { placingOf } from '../../pipeline/repartition/placing.js';
import type { InputName, LogRecord } from '../../ports/transport.js';

/** Which impressions a replay is about, by event time in epoch milliseconds. */
export interface ReplayRange {
  readonly fromMs: number;
  /** Before this. */
  readonly toMs: number;
  /** Event time read before `fromMs`, so that counters, the threshold and the champion are warm by then. */
  readonly warmUpMs: number;
}

/** Which events of one input are read. */
export interface Span {
  readonly lowMs: number;
  /** Before this. */
  readonly highMs: number;
  /** The first event at this time or later ends the reading: what comes behind it would be late for the stream, too. */
  readonly stopMs: number;
}

type Lengths = Pick<Config, 'clean' | 'join'>;

/** The events that decide about the impressions of a range: those of the warm-up before, clicks of their windows behind. */
export function spanOf(input: InputName, { fromMs, toMs, warmUpMs }: ReplayRange, { clean, join }: Lengths): Span {
  const highMs = toMs + (input === 'interactions' ? join.attributionWindowMs : 0);
  return { lowMs: fromMs - warmUpMs, highMs, stopMs: highMs + join.allowedLatenessMs + clean.maxFutureMs };
}

/** When the last window of a range is over for the stream. */
export function overAtMs({ toMs }: Pick<ReplayRange, 'toMs'>, { join }: Lengths): number {
  return toMs + join.attributionWindowMs + join.allowedLatenessMs;
}

/** Event time of a message; of one that cannot be read, the time at which it was written. */
export async function timeOf(gate: Gate, input: InputName, record: LogRecord): Promise<number> {
  await gate[input].prepare([record.unreadable ? null : record.value]);
  return placingOf(gate, input, record)?.timeMs ?? record.timestampMs;
}

/** Where a message stands in time. */
export interface Standing {
  readonly isInside: boolean;
  /** True for an event that ends the reading. */
  readonly ends: boolean;
}

const OUTSIDE: Standing = { isInside: false, ends: false };

/**
 * Where messages stand by their event times, as cleaning reads them. One that cannot be read stands where it was written, as
 * a dead letter, and ends nothing; what is no event of this input stands outside.
 */
export async function standingsOf(
  gate: Gate,
  input: InputName,
  records: readonly LogRecord[],
  { lowMs, highMs, stopMs }: Span,
): Promise<readonly Standing[]> {
  await gate[input].prepare(records.map(({ value, unreadable }) => (unreadable ? null : value)));
  return records.map((record) => {
    const placing = placingOf(gate, input, record);
    if (!placing) return OUTSIDE;
    const timeMs = placing.timeMs ?? record.timestampMs;
    return {
      isInside: timeMs >= lowMs && timeMs < highMs,
      ends: placing.timeMs !== undefined && timeMs >= stopMs,
    };
  });
}
