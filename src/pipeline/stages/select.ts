import { countSelected } from '../select/count-selected.js';
import { DROPPED, type SelectionColumns } from '../select/select.js';
import type { Stage } from '../stage.js';
import type { Scored } from './score.js';

export interface Selected extends Scored {
  /** Reused by the next unit. */
  readonly selected: SelectionColumns;
  /** Samples whose label a confident committee held to be all but impossible. */
  readonly contradictionCount: number;
}

export const select: Stage<Scored, Selected> = {
  name: 'select',
  does: 'flags contradicted labels, and throws each sample’s coin: kept with its inclusion probability, or set aside',
  takes: 'samples',
  gives: 'samples',
  run({ contradictions, selector, selected }, { aside, scored }) {
    const { closed, importances } = scored;
    const contradictionCount = contradictions?.judge(scored) ?? 0;
    selector.select(closed.sampleKeys, closed.labels, closed.rowCount, importances, selected, closed);
    return { aside, scored, selected, contradictionCount };
  },
  flow(_, { scored: { closed }, selected }) {
    let out = 0;
    for (let i = 0; i < closed.rowCount; i++) if (selected.fates[i] !== DROPPED) out++;
    return { in: closed.rowCount, out, refused: 0 };
  },
  count(counts, { scored, selected, contradictionCount }) {
    counts.contradictions += contradictionCount;
    countSelected(counts, scored, selected);
  },
};
