/** How sure a test is, and how often it looks. */
export interface AdwinSettings {
  /** Bound on the chance of a false alarm at each look. */
  readonly delta: number;
  /** Values between two looks. */
  readonly everyCount: number;
  /** Values that the window needs before the first look. */
  readonly minCount: number;
  /** Values on each side of a cut, at least. */
  readonly minSideCount: number;
}

/** An adaptive window over values in [0,1]. */
export interface Adwin {
  /** Takes the next value; says which way the mean went when the older part of the window was found to differ, and was dropped. */
  observe(value: number): 'up' | 'down' | undefined;
  /** Values in the window, and their mean; NaN of none. */
  readonly count: number;
  readonly mean: number;
}

/** Runs of equal length that may stand side by side; one more, and the two oldest become one of twice the length. */
const RUNS_A_ROW = 5;

/** A run of values. */
interface Run {
  readonly total: number;
  /** Σ (value − mean)². */
  readonly squares: number;
}

/**
 * Makes an empty window. It grows while its values seem to have one mean. At a look every cut into an older and a newer part
 * is tried, and the oldest values are dropped as long as the two means of some cut differ by more than chance allows, up or
 * down: √(2·m·σ²·δ′) + ⅔·m·δ′ with m = 1/n₀ + 1/n₁ (n counted from `minSideCount` on) and δ′ = ln(2·ln(n)/δ). Memory and time of
 * a look are O(log n).
 * Source: Bifet & Gavaldà 2007, Learning from time-changing data with adaptive windowing, §3; the bound and the rows of runs as
 * in river's `ADWIN`, so that both drop the same values.
 */
export function createAdwin(settings: AdwinSettings): Adwin {
  const { delta, everyCount, minCount, minSideCount } = settings;
  /** Row r has runs of 2^r values, oldest first; the oldest values are in the last row. */
  const rows: Run[][] = [[]];
  let count = 0;
  let total = 0;
  let squares = 0;
  let taken = 0;

  function insert(value: number): void {
    if (count > 0) squares += (count * (value - total / count) ** 2) / (count + 1);
    count++;
    total += value;
    rows[0]!.push({ total: value, squares: 0 });
    for (let row = 0; rows[row]!.length > RUNS_A_ROW; row++) {
      const [a, b] = rows[row]!.splice(0, 2) as [Run, Run];
      if (row + 1 === rows.length) rows.push([]);
      const apart = (a.total - b.total) ** 2 / 2 ** (row + 1);
      rows[row + 1]!.push({ total: a.total + b.total, squares: a.squares + b.squares + apart });
    }
  }

  function dropOldest(): void {
    const oldest = rows.at(-1)!.shift()!;
    const length = 2 ** (rows.length - 1);
    count -= length;
    total -= oldest.total;
    squares -= oldest.squares + (length * count * (oldest.total / length - total / count) ** 2) / (length + count);
    while (rows.length > 1 && rows.at(-1)!.length === 0) rows.pop();
  }

  /** Newer mean − older mean at the first cut, from the oldest on, where they differ by more than chance allows. */
  function difference(): number | undefined {
    const certainty = Math.log((2 * Math.log(count)) / delta);
    let older = 0;
    let olderTotal = 0;
    for (let row = rows.length - 1; row >= 0; row--) {
      for (const run of rows[row]!) {
        older += 2 ** row;
        olderTotal += run.total;
        const newer = count - older;
        if (older < minSideCount || newer < minSideCount) continue;
        const m = 1 / (older - minSideCount + 1) + 1 / (newer - minSideCount + 1);
        const allowed = Math.sqrt(2 * m * (squares / count) * certainty) + (2 / 3) * certainty * m;
        const found = (total - olderTotal) / newer - olderTotal / older;
        if (Math.abs(found) > allowed) return found;
      }
    }
    return undefined;
  }

  return {
    get count() {
      return count;
    },
    get mean() {
      return total / count;
    },
    observe(value) {
      if (!Number.isFinite(value)) return undefined;
      insert(value);
      if (++taken % everyCount !== 0 || count <= minCount) return undefined;
      const first = difference();
      if (first === undefined) return undefined;
      do dropOldest();
      while (difference() !== undefined);
      return first > 0 ? 'up' : 'down';
    },
  };
}
