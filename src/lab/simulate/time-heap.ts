interface Entry<T> {
  readonly timeMs: number;
  readonly order: number;
  readonly value: T;
}

/** A queue by time: the earliest first, equal times in the order they came (binary heap). */
export class TimeHeap<T> {
  private readonly entries: Entry<T>[] = [];
  private pushedCount = 0;

  get size(): number {
    return this.entries.length;
  }

  /** Time of the earliest; infinity when empty. */
  get nextTimeMs(): number {
    return this.entries[0]?.timeMs ?? Number.POSITIVE_INFINITY;
  }

  push(timeMs: number, value: T): void {
    const entry = { timeMs, order: this.pushedCount++, value };
    let at = this.entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, this.entries[parent]!)) break;
      this.entries[at] = this.entries[parent]!;
      at = parent;
    }
    this.entries[at] = entry;
  }

  pop(): T | undefined {
    const first = this.entries[0];
    const last = this.entries.pop();
    if (!first || !last) return undefined;
    if (this.entries.length > 0) this.sink(last);
    return first.value;
  }

  private sink(entry: Entry<T>): void {
    const size = this.entries.length;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && isBefore(this.entries[child + 1]!, this.entries[child]!)) child += 1;
      if (!isBefore(this.entries[child]!, entry)) break;
      this.entries[at] = this.entries[child]!;
      at = child;
    }
    this.entries[at] = entry;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}
