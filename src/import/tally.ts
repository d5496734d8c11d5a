/** Counts by reason or kind, in the order the kinds were first seen. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(kind: string, by = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + by);
  }

  get total(): number {
    let sum = 0;
    for (const count of this.counts.values()) sum += count;
    return sum;
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
