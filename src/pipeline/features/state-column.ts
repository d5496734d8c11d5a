const NONE = new Float64Array(0);

/** A column of numbers, one an entry. The array changes when its table grows: take it after entries were located. */
export class StateColumn {
  values: Float64Array = NONE;

  constructor(readonly name: string) {}
}
