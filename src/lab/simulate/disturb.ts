import type { InputName } from '../../ports/transport.js';
import type { Random } from '../../ports/random.js';
import { integerBetween, pick, streamRandom } from './draws.js';
import { TimeHeap } from './time-heap.js';
import type { SimulatedEvent } from './traffic.js';

/** What a network does to events; all default to none. */
export interface Disturbance {
  /** Share of events that arrive late. */
  readonly lateFraction?: number;
  /** Bound of their delay; it is uniform up to it. */
  readonly maxDelayMs?: number;
  /** Share of events that arrive twice, the second within `maxDelayMs` (at least a second) of the first. */
  readonly duplicateFraction?: number;
  /** Broken messages a sound one; they are extra, so that the truth stays whole. Each can only become a dead letter. */
  readonly malformedFraction?: number;
}

/** A message as it arrives. */
export interface Arrival {
  readonly input: InputName;
  readonly text: string;
  readonly nature: 'event' | 'duplicate' | 'malformed';
  /** The event behind it. */
  readonly event: SimulatedEvent;
}

const DISTURBANCE_STREAM = 4;

/** Turns events into messages in order of arrival. Draws its own numbers: the events are the same with any disturbance. */
export function* disturb(
  events: Iterable<SimulatedEvent>,
  seed: number,
  disturbance: Disturbance = {},
): Generator<Arrival> {
  const { lateFraction = 0, maxDelayMs = 0, duplicateFraction = 0, malformedFraction = 0 } = disturbance;
  const random = streamRandom(seed, DISTURBANCE_STREAM, 0);
  const onTheWay = new TimeHeap<Arrival>();
  for (const event of events) {
    const timeMs = event.record.eventTimeMs;
    while (onTheWay.nextTimeMs < timeMs) yield onTheWay.pop()!;
    const text = JSON.stringify(event.record);
    const arrivalMs = timeMs + (random() < lateFraction ? random() * maxDelayMs : 0);
    onTheWay.push(arrivalMs, { input: event.kind, text, nature: 'event', event });
    if (random() < duplicateFraction) {
      onTheWay.push(arrivalMs + random() * Math.max(1000, maxDelayMs), {
        input: event.kind,
        text,
        nature: 'duplicate',
        event,
      });
    }
    if (random() < malformedFraction) {
      onTheWay.push(timeMs, { input: event.kind, text: malformed(event, text, random), nature: 'malformed', event });
    }
  }
  while (onTheWay.size > 0) yield onTheWay.pop()!;
}

function malformed(event: SimulatedEvent, text: string, random: Random): string {
  const record: Record<string, unknown> = { ...event.record };
  const id = event.kind === 'impressions' ? 'requestId' : 'interactionId';
  switch (integerBetween(random, 0, 4)) {
    case 0:
      return text.slice(0, integerBetween(random, 1, text.length - 1));
    case 1:
      record[id] = undefined;
      break;
    case 2:
      record['eventTimeMs'] = pick(random, ['soon', null, {}]);
      break;
    case 3:
      record[event.kind === 'impressions' ? 'surface' : 'type'] = 'UNKNOWN';
      break;
    default:
      return `<html>502 Bad Gateway ${integerBetween(random, 0, 1_000_000)}</html>`;
  }
  // An id of its own: it must fail for what is wrong with it, not as a duplicate.
  if (record[id] !== undefined) record[id] = `${String(record[id])}-malformed`;
  return JSON.stringify(record);
}
