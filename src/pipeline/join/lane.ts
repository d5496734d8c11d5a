import { SURFACES, type Surface } from '../../events/words.js';
import { windowOn, type Windows } from '../../events/windows.js';
import type { Key } from '../state/keys.js';
import { OpenImpressions, type OpenList } from './open-impressions.js';

/**
 * Impressions that close in the order in which they were opened, because their windows have one length: those of all
 * surfaces with the default window in the first lane, those of each surface with a window of its own in a lane of its own.
 * So what waits for days holds nothing back that waits for minutes. An impression stays in the lane it was opened in,
 * whatever windows are declared later. The sequence numbers of a lane begin at its `base` and tell the lane.
 */
export class Lane extends OpenImpressions {
  readonly base: number;
  /** Sequence number before which samples have been taken out; the lists of the others must stay. */
  emittedBefore: number;
  /** Event time before which its lists count as forgotten, whether their memory has been given back yet or not. */
  forgetMs = -Infinity;
  /** Weight of every list of it so far. */
  totalWeight = 0;
  /** Newest list of a session, of a request. */
  readonly bySession = new Map<Key, number>();
  readonly byRequest = new Map<Key, number>();

  /** @param index 0, or 1 and more for the surfaces in their order */
  constructor(
    columnCount: number,
    readonly index: number,
  ) {
    super(columnCount, index === 0 ? undefined : LEAST_OF_A_SURFACE);
    this.base = index * NUMBERS_A_LANE;
    this.emittedBefore = this.retainedFrom = this.openFrom = this.end = this.base;
  }

  /** Closed impressions that have not been taken out. */
  get closedCount(): number {
    return this.openFrom - this.emittedBefore;
  }

  /** True once anything was opened in it. */
  get isUsed(): boolean {
    return this.end > this.base;
  }

  /** Length of its window under some settings. */
  windowMs(windows: Windows): number {
    const surface = SURFACES[this.index - 1];
    return surface === undefined ? windows.attributionWindowMs : windowOn(windows, surface);
  }

  /** Weight of what is open in it; a list that is partly closed has lost its share. */
  openWeight(oldest: OpenList | undefined): number {
    if (oldest === undefined) return 0;
    const closedInIt = this.openFrom - oldest.firstImpression;
    return this.totalWeight - oldest.weightBefore - (oldest.weight * closedInIt) / oldest.shown.items.length;
  }
}

/** Sequence numbers a lane: more than any will use, and their sum over all lanes is exact in a double. */
const NUMBERS_A_LANE = 2 ** 50;
/** Rows that the lane of a surface has room for at first: most are never used. */
const LEAST_OF_A_SURFACE = 16;

/** A lane for the default window, and one for each surface. */
export function lanesOf(columnCount: number): readonly [Lane, ...Lane[]] {
  return [new Lane(columnCount, 0), ...SURFACES.map((_, place) => new Lane(columnCount, place + 1))];
}

/** Place of the lane that impressions of a surface are opened in. */
export function laneIndexFor({ surfaceWindowsMs }: Windows, surface: Surface): number {
  return surfaceWindowsMs?.[surface] === undefined ? 0 : SURFACES.indexOf(surface) + 1;
}

/** Place of the lane that a sequence number is of. */
export function laneIndexOf(sequence: number): number {
  return Math.floor(sequence / NUMBERS_A_LANE);
}

/** Sequence numbers, one a lane, each counted from where its lane begins. */
export type Marks = readonly number[];

/** The shortest that says the same, as it stands in progress records: a number where only the first lane was used. */
export function encodeMarks(marks: Marks): number | Marks {
  return marks.slice(1).some((mark) => mark > 0) ? marks : (marks[0] ?? 0);
}

/** Reads what {@link encodeMarks} gave. */
export function decodeMarks(marks: number | Marks): Marks {
  return typeof marks === 'number' ? [marks] : marks;
}

/** True for a sequence number that stands before the mark of its lane. */
export function isMarked(marks: Marks, sequence: number): boolean {
  const lane = laneIndexOf(sequence);
  return sequence - lane * NUMBERS_A_LANE < (marks[lane] ?? 0);
}
