import { laneIndexOf } from './lane.js';

/** Impressions of one lane that closed one behind the other. */
export interface ClosingRun {
  from: number;
  /** Sequence number behind the last. */
  to: number;
}

/**
 * Closed impressions that have not been taken out, in the order in which they closed. That order follows from the order of
 * events alone: it says in which order samples are selected, whatever the units of work are.
 */
export class Closing {
  private runs: ClosingRun[] = [];

  add(from: number, to: number): void {
    const last = this.runs.at(-1);
    if (last?.to === from) last.to = to;
    else if (to > from) this.runs.push({ from, to });
  }

  /** The first of them; undefined: there are none. */
  get first(): number | undefined {
    return this.runs[0]?.from;
  }

  /** How many of them fit. */
  count(fits: (sequence: number) => boolean): number {
    let found = 0;
    for (const { from, to } of this.runs) for (let at = from; at < to; at++) if (fits(at)) found++;
    return found;
  }

  /** Takes out up to `most`, oldest first. */
  take(most: number): readonly ClosingRun[] {
    const taken: ClosingRun[] = [];
    for (let left = most; left > 0 && this.runs.length > 0;) {
      const run = this.runs[0]!;
      const to = Math.min(run.to, run.from + left);
      taken.push({ from: run.from, to });
      left -= to - run.from;
      run.from = to;
      if (run.from === run.to) this.runs.shift();
    }
    return taken;
  }

  /** Leaves out what stands before the sequence number of its lane. */
  passOver(emittedBefore: (lane: number) => number): void {
    for (const run of this.runs) run.from = Math.max(run.from, Math.min(run.to, emittedBefore(laneIndexOf(run.from))));
    this.runs = this.runs.filter(({ from, to }) => from < to);
  }

  capture(): readonly ClosingRun[] {
    return this.runs.map((run) => ({ ...run }));
  }

  restore(runs: readonly ClosingRun[]): void {
    this.runs = runs.map((run) => ({ ...run }));
  }
}
