import type { HttpDoor } from '../../adapters/http/index.js';
import type { Config } from '../../config/schema.js';
import type { Metrics } from '../../ports/metrics.js';
import { INPUTS } from '../../ports/transport.js';
import { tokenIn } from '../control/token.js';
import type { EventDoor } from './event-door.js';

const MOST_AT_ONCE = 16;

/** Lets every counter of the door begin at 0. */
export function beginDoorMetrics(metrics: Pick<Metrics, 'count'>): void {
  metrics.count('sluice_door_turned_away_total', 0);
  for (const input of INPUTS)
    for (const outcome of ['accepted', 'refused']) metrics.count('sluice_door_events_total', 0, { input, outcome });
}

/** The paths of the door. @throws token-unusable */
export function httpDoor(http: Config['http'], door: EventDoor, metrics: Pick<Metrics, 'count'>): HttpDoor {
  return {
    token: tokenIn('http.events', http.eventsTokenEnv, http.eventsTokenFile),
    maxBytes: http.eventsMaxBytes,
    mostAtOnce: MOST_AT_ONCE,
    options: { maxBytes: 'http.eventsMaxBytes', tokenEnv: 'http.eventsTokenEnv' },
    intakes: INPUTS.map((input) => ({ path: `/v1/${input}`, take: (body) => door.take(input, body) })),
    turnedAway: () => metrics.count('sluice_door_turned_away_total', 1),
  };
}
