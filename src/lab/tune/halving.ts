/** One step of a halving: so many candidates, each fitted on this share of the rows. */
export interface Rung {
  readonly candidates: number;
  readonly share: number;
}

/** Each rung keeps a third of the one before, and gives it three times the rows. */
const ETA = 3;
/** Smallest share of the rows that a first rung is fitted on. */
const RUNGS = 3;

/**
 * The rungs that a number of fits pays for: one third of the candidates at a time, on a ninth, a third and all of the rows.
 * The present settings are fitted on each rung beside them. @param fits at least 4
 */
export function rungsOf(fits: number): readonly Rung[] {
  let first = 1;
  while (costOf(first + 1) <= fits) first++;
  return rungsFrom(first);
}

function rungsFrom(first: number): readonly Rung[] {
  const rungs: Rung[] = [];
  for (let at = 0; at < RUNGS; at++)
    rungs.push({ candidates: Math.ceil(first / ETA ** at), share: ETA ** (at - RUNGS + 1) });
  return rungs;
}

/** Fits that so many candidates take, the present settings beside them included. */
function costOf(first: number): number {
  return rungsFrom(first).reduce((sum, { candidates }) => sum + candidates + 1, 0);
}

/** What a candidate came to on a rung. */
export interface Tried<Candidate, Result> {
  readonly candidate: Candidate;
  /** null: it could not be fitted. */
  readonly result: Result | null;
}

/** A rung that was climbed, the best first. */
export interface Climbed<Candidate, Result> extends Rung {
  readonly present: Result;
  readonly tried: readonly Tried<Candidate, Result>[];
}

/** What a halving asks of its surroundings. */
export interface Climbing<Candidate, Result> {
  readonly present: Candidate;
  readonly candidates: readonly Candidate[];
  readonly rungs: readonly Rung[];
  /** Fits one on a share of the rows and judges it; null where it could not be fitted. */
  readonly judge: (candidate: Candidate, share: number) => Promise<Result | null>;
  /** Smaller is better. */
  readonly lossOf: (result: Result) => number;
  /** True when no further fit is to be begun. */
  readonly isOver: () => boolean;
}

/**
 * Successive halving: all candidates on few rows, the best third of them on more, and so on. It ends before a rung that the
 * time does not reach, or in the middle of it: a rung that is not complete says nothing and is left out.
 * Source: Jamieson & Talwalkar 2016, Non-stochastic Best Arm Identification and Hyperparameter Optimization.
 */
export async function climb<Candidate, Result>(
  climbing: Climbing<Candidate, Result>,
): Promise<readonly Climbed<Candidate, Result>[]> {
  const { present, rungs, judge, lossOf, isOver } = climbing;
  const climbed: Climbed<Candidate, Result>[] = [];
  let left = climbing.candidates;
  for (const { candidates, share } of rungs) {
    if (isOver()) break;
    const ofPresent = await judge(present, share);
    if (ofPresent === null) break;
    const tried: Tried<Candidate, Result>[] = [];
    for (const candidate of left.slice(0, candidates)) {
      if (isOver()) return climbed;
      tried.push({ candidate, result: await judge(candidate, share) });
    }
    const lossAt = ({ result }: Tried<Candidate, Result>): number => (result === null ? Infinity : lossOf(result));
    // By order of drawing where two are equal, so that the same numbers give the same order.
    tried.sort((a, b) => (lossAt(a) === lossAt(b) ? 0 : lossAt(a) - lossAt(b)));
    climbed.push({ candidates: tried.length, share, present: ofPresent, tried });
    left = tried.filter(({ result }) => result !== null).map(({ candidate }) => candidate);
  }
  return climbed;
}
