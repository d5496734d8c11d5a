import { placeOfKept } from '../../events/sample-place.js';
import type { NewRecord } from '../../ports/transport.js';
import { routeAside, routeSamples } from '../route/route.js';
import { KEPT, type SelectionColumns } from '../select/select.js';
import type { Stage } from '../stage.js';
import type { Selected } from './select.js';

export const route: Stage<Selected, readonly NewRecord[]> = {
  name: 'route',
  does: 'makes the record of each kept and audit sample, late interaction and dead letter',
  takes: 'samples',
  gives: 'records',
  run({ deps, counts }, { aside, scored, selected }) {
    const { routes, lease, partitionCount = 1 } = deps;
    // The samples of this unit are counted already.
    let ordinal = counts.samplesKept - keptOf(selected, scored.closed.rowCount);
    const nextPlace = (): number => placeOfKept(ordinal++, lease.partition, partitionCount);
    return [...routeAside(aside.deadLetters, aside.late, routes), ...routeSamples(scored, selected, routes, nextPlace)];
  },
  flow: ({ scored: { closed } }, records) => ({ in: closed.rowCount, out: records.length, refused: 0 }),
};

function keptOf({ fates }: SelectionColumns, count: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) if (fates[i] === KEPT) kept++;
  return kept;
}
