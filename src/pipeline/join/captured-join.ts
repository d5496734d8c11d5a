import type { CapturedColumns } from '../state/captured.js';
import type { OpenList } from './open-impressions.js';

/** The join without feature rows. */
export interface CapturedJoin {
  readonly columns: CapturedColumns;
  readonly retainedFrom: number;
  readonly openFrom: number;
  readonly end: number;
  readonly emittedBefore: number;
  readonly nextList: number;
  readonly oldestList: number;
  readonly forgetMs: number;
  /** Weight of every list so far; absent in checkpoints of earlier builds, where that of the newest list tells it. */
  readonly totalWeight?: number;
  readonly lists: readonly OpenList[];
}

/** Weight of every list up to this one. */
export function weightUntil(list: OpenList | undefined): number {
  return list === undefined ? 0 : list.weightBefore + list.weight;
}
