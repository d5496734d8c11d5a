import { examinedOn, type Examination } from '../../events/examination.js';
import { strength } from '../../events/strength.js';
import type { OpenImpressions, OpenList } from './open-impressions.js';

/**
 * Marks those of a list, from one sequence number to before another, that nobody is held to have seen. Called when they
 * close, with what the list's impressions have had by then; what anybody did something with was seen, however it is told.
 */
export function markUnexamined(
  open: OpenImpressions,
  { shown, firstImpression }: OpenList,
  from: number,
  to: number,
  examination: Examination,
): void {
  const way = examinedOn(examination, shown.surface);
  if (way === 'all') return;
  const { ranks } = open.columns;
  const rankOf = (sequence: number): number => ranks[open.slot(sequence)]!;
  let lowest = -Infinity;
  if (way === 'above-last-click') {
    shown.items.forEach(({ position }, index) => {
      if (rankOf(firstImpression + index) >= CLICK) lowest = Math.max(lowest, position);
    });
    lowest = lowest === -Infinity ? Infinity : lowest + (examination.examinedBelow ?? 0);
  }
  for (let sequence = from; sequence < to; sequence++)
    if (rankOf(sequence) < 0 && shown.items[sequence - firstImpression]!.position > lowest)
      open.markUnexamined(sequence);
}

const CLICK = strength('CLICK');
