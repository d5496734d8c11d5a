/** Importances of a scored batch for both labels, one entry a sample. */
export interface Importances {
  readonly ifNegative: Float64Array;
  readonly ifPositive: Float64Array;
  /** True when no champion gave them: their scale is another one, and so is the controller they answer to. */
  readonly isPrior?: boolean;
}

/** True for importances that a champion gave. */
export function isByChampion(importances: Importances | undefined): boolean {
  return importances !== undefined && importances.isPrior !== true;
}

/** Importance of sample `i`, had it this label. */
export function importanceOf({ ifNegative, ifPositive }: Importances, label: number, i: number): number {
  return label === 1 ? ifPositive[i]! : ifNegative[i]!;
}

/** ln( π had the label been 1 / had it been 0 ). */
export function offsetOf(label: number, ifOwn: number, ifOther: number): number {
  return label === 1 ? Math.log(ifOwn / ifOther) : Math.log(ifOther / ifOwn);
}
