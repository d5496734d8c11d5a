import type { Measurement } from './measurement.js';

/** Runs of each way. */
const RUNS = 3;

/** What runs of two ways gave. */
export interface InTurns {
  readonly first: readonly Measurement[];
  readonly second: readonly Measurement[];
}

/**
 * Measures two ways over the same topics in turn, the order turned round each time, so that a drift of the machine falls on
 * both alike.
 */
export async function inTurns<Way>(
  ways: readonly [first: Way, second: Way],
  measure: (way: Way, round: number) => Promise<Measurement>,
): Promise<InTurns> {
  const found: readonly [Measurement[], Measurement[]] = [[], []];
  for (let run = 0; run < RUNS; run++) {
    for (const at of run % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const))
      found[at].push(await measure(ways[at], found[0].length + found[1].length));
  }
  return { first: found[0], second: found[1] };
}

export function rates(runs: readonly Measurement[]): number[] {
  return runs.map(({ value }) => value);
}

/** Median of a detail of some runs; 0 where they lack it. */
export function medianOf(runs: readonly Measurement[], detail: string): number {
  return median(runs.map(({ details }) => details[detail] ?? 0));
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
