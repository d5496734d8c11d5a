/** Columns of a batch's selection facts, one entry a sample; reused from batch to batch. */
export class SelectionColumns {
  fate = new Uint8Array(0);
  importance = new Float64Array(0);
  inclusionProbability = new Float64Array(0);
  logOddsOffset = new Float64Array(0);

  /** Makes room for `count` samples. */
  reserve(count: number): void {
    if (this.fate.length >= count) return;
    this.fate = new Uint8Array(count);
    this.importance = new Float64Array(count);
    this.inclusionProbability = new Float64Array(count);
    this.logOddsOffset = new Float64Array(count);
  }
}
