import type { NewRecord } from '../../ports/transport.js';
import { routeAside, routeSamples } from '../route/route.js';
import type { Stage } from '../stage.js';
import type { Selected } from './select.js';

export const route: Stage<Selected, readonly NewRecord[]> = {
  name: 'route',
  does: 'makes the record of each kept and audit sample, late interaction and dead letter',
  takes: 'samples',
  gives: 'records',
  run: ({ deps: { routes } }, { aside, scored, selected }) => [
    ...routeAside(aside.deadLetters, aside.late, routes),
    ...routeSamples(scored, selected, routes),
  ],
  flow: ({ scored: { closed } }, records) => ({ in: closed.count, out: records.length, refused: 0 }),
};
