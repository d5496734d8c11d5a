/** Gives rows that lack some columns the values of the last row that had them. */
export class FillDown {
  private readonly last: Record<string, unknown> = {};

  /** Columns that some row had. */
  get found(): readonly string[] {
    return Object.keys(this.last);
  }

  constructor(private readonly columns: readonly string[]) {}

  /** The row with the columns that it lacks; the row itself where nothing is filled. */
  filled(row: unknown): unknown {
    if (this.columns.length === 0 || typeof row !== 'object' || row === null) return row;
    const own = row as Record<string, unknown>;
    let filled = own;
    for (const column of this.columns) {
      const value = own[column];
      if (value !== undefined && value !== null && value !== '') this.last[column] = value;
      else if (column in this.last) {
        if (filled === own) filled = Object.assign(Object.create(Object.getPrototypeOf(own) as object | null), own);
        filled[column] = this.last[column];
      }
    }
    return filled;
  }
}
