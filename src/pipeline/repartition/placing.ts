import type { InputName, LogRecord } from '../../ports/transport.js';
import { decodeMessage, type Gate } from '../admit.js';
import { cleanTime } from '../clean/clean.js';
import { requiredId } from '../clean/fields.js';

/** What a message says about where it belongs; undefined: what it does not say in a way that can be read. */
export interface Placing {
  readonly session: string | undefined;
  readonly timeMs: number | undefined;
}

const NOWHERE: Placing = { session: undefined, timeMs: undefined };

/**
 * Reads session and event time of a message, as cleaning does; of one that a mapping makes several events of, those of the
 * first. One that cannot be read belongs nowhere: the stream makes its dead letter. undefined: it is no event of this input.
 * @throws SluiceError what is no fault of the message: an unreachable registry
 */
export function placingOf(gate: Gate, input: InputName, record: LogRecord): Placing | undefined {
  const events = decodeMessage(gate, input, record);
  const isNone = events.every((event) => event.kind === 'rejected' && event.deadLetters.length === 0);
  if (isNone) return undefined;
  const [first] = events;
  if (first?.kind !== 'decoded') return NOWHERE;
  const raw: unknown = first.value;
  if (typeof raw !== 'object' || raw === null) return NOWHERE;
  const { sessionId, eventTimeMs } = raw as { readonly sessionId?: unknown; readonly eventTimeMs?: unknown };
  const session = requiredId(sessionId, 'sessionId');
  const timeMs = cleanTime(eventTimeMs, record.timestampMs, gate.clean);
  return {
    session: typeof session === 'string' ? session : undefined,
    timeMs: typeof timeMs === 'number' ? timeMs : undefined,
  };
}
