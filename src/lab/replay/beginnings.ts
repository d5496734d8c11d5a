import { firstFrom, offsetSince } from '../../app/read-range.js';
import type { Gate } from '../../pipeline/admit.js';
import { INPUTS, type InputName, type InputOffsets, type InputTail, type Transport } from '../../ports/transport.js';
import { type Span, standingsOf, timeOf } from './range.js';

/** Where the reading of a partition begins. */
export interface Beginning {
  readonly offsets: InputOffsets;
  /** Event time of the first message that retention has left of each input; undefined: it has removed none, or all. */
  readonly cutAtMs: Readonly<Record<InputName, number | undefined>>;
  /** Inputs of which some message lies in the range. */
  readonly isEmpty: Readonly<Record<InputName, boolean>>;
}

const POLL_BYTES = 1_048_576;
const POLL_WAIT_MS = 200;

export interface Search {
  readonly source: Pick<Transport, 'reader' | 'endOffsets'>;
  readonly tail: InputTail;
  readonly gate: Gate;
  readonly spans: Readonly<Record<InputName, Span>>;
  readonly ends: InputOffsets;
  readonly maxFutureMs: number;
  readonly signal: AbortSignal;
}

/**
 * Finds the first message of the range in each input of a partition. What was written long before is passed over by
 * bisection, for no event is further ahead of its writing than `clean.maxFutureMs`; the rest is looked at.
 */
export async function beginningOf(search: Search): Promise<Beginning> {
  const { source, tail, gate, spans, ends, maxFutureMs } = search;
  const from = { impressions: 0, interactions: 0 };
  const cutAtMs: Record<InputName, number | undefined> = { impressions: undefined, interactions: undefined };
  for (const input of INPUTS) {
    const first = await firstFrom(source, input, tail.partition, 'earliest');
    if (first && first.offset > 0) cutAtMs[input] = await timeOf(gate, input, first);
    const since = await offsetSince(source, input, tail.partition, spans[input].lowMs - maxFutureMs);
    from[input] = Math.max(since ?? ends[input], first?.offset ?? 0);
  }
  await tail.seek(from);
  const found: Record<InputName, number | undefined> = { impressions: undefined, interactions: undefined };
  for (const input of INPUTS) found[input] = await firstInside(input, search);
  return {
    offsets: {
      impressions: found.impressions ?? ends.impressions,
      interactions: found.interactions ?? ends.interactions,
    },
    cutAtMs,
    isEmpty: { impressions: found.impressions === undefined, interactions: found.interactions === undefined },
  };
}

/** Offset of the first message whose event lies in the span; undefined: there is none before what ends it. */
async function firstInside(input: InputName, { tail, gate, spans, ends, signal }: Search): Promise<number | undefined> {
  for (let isLast = false; !isLast;) {
    signal.throwIfAborted();
    const { records, caughtUp } = await tail.poll(input, POLL_BYTES, POLL_WAIT_MS);
    isLast = caughtUp;
    const standings = await standingsOf(gate, input, records, spans[input]);
    for (const [at, { offset }] of records.entries()) {
      const standing = standings[at]!;
      if (offset >= ends[input] || standing.ends) return undefined;
      if (standing.isInside) return offset;
    }
  }
  return undefined;
}
