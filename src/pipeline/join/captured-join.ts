import type { CapturedColumns } from '../state/captured.js';
import type { ClosingRun } from './closing.js';
import type { Lane } from './lane.js';
import type { OpenList } from './open-impressions.js';

/** A lane of a surface, without columns. */
export interface CapturedLane {
  readonly index: number;
  readonly retainedFrom: number;
  readonly openFrom: number;
  readonly end: number;
  readonly emittedBefore: number;
  readonly forgetMs: number;
  readonly totalWeight: number;
}

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
  /** Lanes of surfaces that were used; absent without one. */
  readonly ownLanes?: readonly CapturedLane[];
  /** What is closed and not emitted, where lanes of surfaces were used; absent: what follows `emittedBefore`. */
  readonly closing?: readonly ClosingRun[];
  readonly lists: readonly OpenList[];
}

/** Weight of every list up to this one. */
export function weightUntil(list: OpenList | undefined): number {
  return list === undefined ? 0 : list.weightBefore + list.weight;
}

/** The lanes of surfaces that were used; their columns bear the number of the lane behind their name. */
export function captureOwnLanes(lanes: readonly Lane[]): Pick<CapturedJoin, 'columns'> & {
  readonly lanes: readonly CapturedLane[];
} {
  const used = lanes.filter(({ isUsed }) => isUsed);
  const columns = used.flatMap((lane) =>
    Object.entries(lane.capture()).map(([name, values]) => [nameIn(name, lane.index), values] as const),
  );
  return {
    columns: Object.fromEntries(columns),
    lanes: used.map(({ index, retainedFrom, openFrom, end, emittedBefore, forgetMs, totalWeight }) => ({
      index,
      retainedFrom,
      openFrom,
      end,
      emittedBefore,
      forgetMs,
      totalWeight,
    })),
  };
}

/** Takes over what {@link captureOwnLanes} gave; lanes that were not used then are left as they are. */
export function restoreOwnLanes(lanes: readonly Lane[], { columns, ownLanes = [] }: CapturedJoin): void {
  for (const lane of lanes) {
    const of = ownLanes.find(({ index }) => index === lane.index);
    if (!of) continue;
    const suffix = nameIn('', lane.index);
    const its = Object.entries(columns)
      .filter(([name]) => name.endsWith(suffix))
      .map(([name, values]) => [name.slice(0, -suffix.length), values] as const);
    lane.restore(Object.fromEntries(its), of);
    lane.emittedBefore = of.emittedBefore;
    lane.forgetMs = of.forgetMs;
    lane.totalWeight = of.totalWeight;
  }
}

function nameIn(name: string, lane: number): string {
  return `${name}.${lane}`;
}
