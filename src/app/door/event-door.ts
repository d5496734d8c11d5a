import { jsonImpressions, jsonInteractions } from '../../adapters/avro/index.js';
import type { HttpContent } from '../../adapters/http/index.js';
import { ERRORS, messageOf, SluiceError, type ErrorCode } from '../../errors.js';
import type { ImpressionList, Interaction, RefusedPart } from '../../events/words.js';
import { admit } from '../../pipeline/admit.js';
import type { Clock } from '../../ports/clock.js';
import type { Codec } from '../../ports/codec.js';
import type { Metrics } from '../../ports/metrics.js';
import type { InputName, NewRecord } from '../../ports/transport.js';
import { plainGate } from '../plain-gate.js';
import type { Opened } from '../run-watcher.js';
import { type BodyEvent, readBody } from './read-events.js';

interface DoorDeps {
  /** What the run stands on; undefined before it is open. */
  readonly open: () => Pick<Opened, 'config' | 'transport' | 'parts'> | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** Why an event is not taken. */
interface RefusedEvent {
  /** Its place in the request, from 1. */
  readonly event: number;
  /** Path of the field that is to blame; null: the event itself. */
  readonly field: string | null;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

const MOST_EVENTS = 10_000;
/** Refusals that an answer tells of. */
const MOST_TOLD = 20;

/**
 * Takes events over HTTP into the input topics. A request is taken whole, once its events are durable, or refused whole, with
 * every field that is to blame: so it can be sent again as it is. What comes twice is one, by its id, as on any input.
 */
export class EventDoor {
  constructor(private readonly deps: DoorDeps) {}

  /** Answers 200 when all is durable, 400 or 422 for what can never be taken, 503 for what may be sent again. */
  async take(input: InputName, body: Uint8Array): Promise<HttpContent> {
    const run = this.deps.open();
    if (!run) return answer(503, { error: 'the run is not open yet', remedy: 'Send it again in a second.' });
    const events = readBody(body);
    if (events.length === 0)
      return answer(400, {
        error: 'there is no event',
        remedy: 'Send one JSON object, an array of them, or one a line.',
      });
    if (events.length > MOST_EVENTS)
      return answer(413, { error: `${events.length} events, over ${MOST_EVENTS}`, remedy: 'Send fewer a request.' });
    const refused = events.flatMap((event, at) => this.refusals(run, input, event, at + 1));
    if (refused.length > 0) {
      this.count(input, 'refused', events.length);
      const error = `${new Set(refused.map(({ event }) => event)).size} of ${events.length} events are refused; nothing was written`;
      return answer(422, { error, refused: refused.slice(0, MOST_TOLD), refusedCount: refused.length });
    }
    try {
      const { [input]: codec } = run.parts.codecs;
      await codec.ready?.();
      await run.transport.append(events.map(({ value }) => recordOf(input, codec as Codec<unknown>, value)));
    } catch (thrown) {
      return answer(503, { error: messageOf(thrown), remedy: 'Send it again: events are known by their ids.' });
    }
    this.count(input, 'accepted', events.length);
    return answer(200, { accepted: events.length });
  }

  private refusals(
    { config }: Pick<Opened, 'config'>,
    input: InputName,
    { value, fault }: BodyEvent,
    event: number,
  ): readonly RefusedEvent[] {
    if (fault !== undefined) return [refusedEvent(event, { code: 'undecodable', reason: fault, itemIndex: null })];
    const gate = plainGate(config, { impressions: jsonImpressions(), interactions: jsonInteractions() });
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const record = { offset: 0, key: null, value: bytes, timestampMs: this.deps.clock.nowMs(), headers: {} };
    return admit(gate, input, record)
      .flatMap((admitted) => (admitted.kind === 'interaction' ? [] : admitted.deadLetters))
      .flatMap((letter) => letter.refused.map((part) => refusedEvent(event, part)));
  }

  private count(input: InputName, outcome: string, by: number): void {
    this.deps.metrics.count('sluice_door_events_total', by, { input, outcome });
  }
}

function refusedEvent(event: number, { code, reason, itemIndex }: RefusedPart): RefusedEvent {
  const field = /field (\S+?)(?: is | = | has |,|$)/.exec(reason)?.[1];
  const place = itemIndex === null ? null : `items[${itemIndex}]`;
  const { remedy } = ERRORS[code as ErrorCode];
  // A refusal's reason ends in the remedy, which stands beside it here.
  return { event, field: field ?? place, code, reason: reason.replace(` — ${remedy}`, ''), remedy };
}

/** The key is sessionId, else userId, else requestId, so that what belongs together meets. */
function recordOf(input: InputName, codec: Codec<unknown>, value: unknown): NewRecord {
  const { sessionId, userId, requestId } = value as Partial<ImpressionList & Interaction>;
  const key = sessionId ?? userId ?? requestId;
  if (key === undefined || key === null) throw new SluiceError('bug', { why: 'an event without a key was admitted' });
  const bytes = codec.format === 'json' ? new TextEncoder().encode(JSON.stringify(value)) : codec.encode(value);
  return { topic: input, key: Buffer.from(String(key)), value: bytes };
}

function answer(status: number, body: object): HttpContent {
  return { status, contentType: 'application/json', body: `${JSON.stringify(body)}\n` };
}
