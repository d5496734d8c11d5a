import type { Correction } from '../../events/correction.js';
import { placeHeader } from '../../events/sample-place.js';
import type { LateInteraction } from '../../events/words.js';
import type { NewRecord } from '../../ports/transport.js';
import { routeAside, routeSamples } from '../route/route.js';
import { poolRecords, pooledCount } from '../route/pool-records.js';
import { KEPT, type SelectionColumns } from '../select/select.js';
import type { Stage } from '../stage.js';
import type { Selected } from './select.js';

export const route: Stage<Selected, readonly NewRecord[]> = {
  name: 'route',
  does: 'makes the record of each kept and audit sample, late interaction and dead letter, and those of the learner’s pool',
  takes: 'samples',
  gives: 'records',
  async run({ deps, counts, selection }, { aside, scored, selected }) {
    const { routes, lease, partitionCount = 1 } = deps;
    // The samples of this unit are counted already.
    let ordinal = counts.samplesKept - keptOf(selected, scored.closed.rowCount);
    const nextPlace = (): string => placeHeader(ordinal++, lease.partition, partitionCount);
    const { closed } = scored;
    const pooled = pooledCount(selected, closed.rowCount);
    const origin = { partition: lease.partition, partitionCount, ordinal: counts.samplesPooled - pooled };
    const pool = pooled > 0 ? poolRecords(closed, selected, routes, origin) : [];
    const positives = new Map(deps.config.retrain.lateLabels ? aside.latePositives.map((one) => [one.of, one]) : []);
    const seenBefore = counts.samplesSeen - scored.closed.rowCount;
    const correctionOf = (late: LateInteraction): Correction | undefined => {
      const positive = positives.get(late);
      const { partition } = lease;
      return positive && { ...positive, partition, partitionCount, after: seenBefore + positive.closedBefore };
    };
    return [
      ...routeAside(aside.deadLetters, aside.late, routes, correctionOf),
      ...routeSamples(scored, selected, routes, selection.id, nextPlace),
      ...pool,
    ];
  },
  flow: ({ scored: { closed } }, records) => ({ in: closed.rowCount, out: records.length, refused: 0 }),
};

function keptOf({ fates }: SelectionColumns, count: number): number {
  let kept = 0;
  for (let i = 0; i < count; i++) if (fates[i] === KEPT) kept++;
  return kept;
}
