import type { Bins } from '../bins.js';
import type { TreeBuilder } from '../tree-builder.js';
import { bestSplit, type LeafSums, type Split, type SplitLimits } from './best-split.js';
import { binStarts, fillHistogram, LANES, subtractHistogram } from './histogram.js';
import { partRows } from './row-parts.js';

export interface GrowLimits extends SplitLimits {
  readonly leaves: number;
  readonly learningRate: number;
}

/** Derivatives of the loss by each row's margin, all rows. */
export interface Gradients {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** A range of rows in both indexes: those the tree is grown on, and those it only scores. */
interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly count: number;
  readonly otherStart: number;
  readonly otherCount: number;
  readonly sums: LeafSums;
  readonly histogram: Float64Array;
  readonly split: Split | undefined;
}

type Range = Pick<Leaf, 'node' | 'start' | 'count' | 'otherStart' | 'otherCount'>;

/** Grows trees leaf by leaf, the leaf with the largest gain first; all buffers are allocated once. */
export class TreeGrower {
  private readonly starts: Int32Array;
  private readonly spare: Int32Array;
  private readonly gathered: Gradients;
  private readonly histograms: Float64Array[] = [];

  constructor(
    private readonly bins: Bins,
    private readonly limits: GrowLimits,
    /** Gain a column, summed over all trees grown. */
    private readonly gain: Float64Array,
  ) {
    this.starts = binStarts(bins);
    this.spare = new Int32Array(bins.rowCount);
    this.gathered = { gradient: new Float64Array(bins.rowCount), hessian: new Float64Array(bins.rowCount) };
  }

  /**
   * Adds one tree to the builder and its leaf values to the margins of all rows in `rows` and `others`. Both indexes are
   * reordered.
   */
  grow(
    builder: TreeBuilder,
    member: number,
    { gradient, hessian }: Gradients,
    rows: Int32Array,
    others: Int32Array,
    columns: Int32Array,
    margins: Float64Array,
  ): void {
    const leaves: Leaf[] = [];
    builder.beginTree(member);
    const whole = { node: builder.leaf(), start: 0, count: rows.length, otherStart: 0, otherCount: others.length };
    const histogram = this.takeHistogram();
    this.fill(histogram, whole, rows, columns, { gradient, hessian });
    leaves.push(this.open(whole, this.sumsOfGathered(rows.length), histogram, columns));
    while (leaves.length < this.limits.leaves) {
      const at = largestGain(leaves);
      const parent = leaves[at];
      if (!parent?.split) break;
      const [left, right] = this.divide(builder, parent, parent.split, rows, others);
      const [small, large] = left.count <= right.count ? [left, right] : [right, left];
      const smallHistogram = this.takeHistogram();
      this.fill(smallHistogram, small, rows, columns, { gradient, hessian });
      const smallSums = this.sumsOfGathered(small.count);
      subtractHistogram(parent.histogram, smallHistogram);
      const opened = this.open(small, smallSums, smallHistogram, columns);
      const rest = this.open(large, minus(parent.sums, smallSums), parent.histogram, columns);
      leaves.splice(at, 1, ...(small === left ? [opened, rest] : [rest, opened]));
    }
    // A tree that found no split would only add the noise of its sample to the intercept.
    if (leaves.length === 1) this.histograms.push(histogram);
    else for (const leaf of leaves) this.settle(builder, leaf, rows, others, margins);
  }

  private fill(
    histogram: Float64Array,
    range: Range,
    rows: Int32Array,
    columns: Int32Array,
    { gradient, hessian }: Gradients,
  ): void {
    const { gathered } = this;
    for (let i = 0; i < range.count; i++) {
      const row = rows[range.start + i]!;
      gathered.gradient[i] = gradient[row]!;
      gathered.hessian[i] = hessian[row]!;
    }
    fillHistogram(histogram, this.bins, this.starts, columns, rows, range.start, range.count, gathered);
  }

  private sumsOfGathered(rowCount: number): LeafSums {
    let gradient = 0;
    let hessian = 0;
    for (let i = 0; i < rowCount; i++) {
      gradient += this.gathered.gradient[i]!;
      hessian += this.gathered.hessian[i]!;
    }
    return { gradient, hessian, rowCount };
  }

  private open(range: Range, sums: LeafSums, histogram: Float64Array, columns: Int32Array): Leaf {
    return {
      ...range,
      sums,
      histogram,
      split: bestSplit(histogram, this.bins, this.starts, columns, sums, this.limits),
    };
  }

  private divide(
    builder: TreeBuilder,
    leaf: Leaf,
    split: Split,
    rows: Int32Array,
    others: Int32Array,
  ): readonly [Range, Range] {
    const { bins, spare } = this;
    const bound = split.code < 0 ? -Infinity : bins.bounds[split.column]![split.code]!;
    const node = builder.split(leaf.node, split.column, bound, split.missingLeft);
    const count = partRows(rows, leaf.start, leaf.count, split, bins, spare);
    const otherCount = partRows(others, leaf.otherStart, leaf.otherCount, split, bins, spare);
    this.gain[split.column]! += split.gain;
    return [
      { node, start: leaf.start, count, otherStart: leaf.otherStart, otherCount },
      {
        node: node + 1,
        start: leaf.start + count,
        count: leaf.count - count,
        otherStart: leaf.otherStart + otherCount,
        otherCount: leaf.otherCount - otherCount,
      },
    ];
  }

  /** Gives the leaf its Newton step, shrunk, as the float32 that the exported tree will hold. */
  private settle(builder: TreeBuilder, leaf: Leaf, rows: Int32Array, others: Int32Array, margins: Float64Array): void {
    const { learningRate, l2 } = this.limits;
    const value = Math.fround((-learningRate * leaf.sums.gradient) / (leaf.sums.hessian + l2 || 1));
    builder.setValue(leaf.node, value);
    for (let i = 0; i < leaf.count; i++) margins[rows[leaf.start + i]!]! += value;
    for (let i = 0; i < leaf.otherCount; i++) margins[others[leaf.otherStart + i]!]! += value;
    this.histograms.push(leaf.histogram);
  }

  private takeHistogram(): Float64Array {
    return this.histograms.pop() ?? new Float64Array(this.starts[this.bins.columnCount]! * LANES);
  }
}

function largestGain(leaves: readonly Leaf[]): number {
  let best = 0;
  for (let i = 1; i < leaves.length; i++)
    if ((leaves[i]!.split?.gain ?? 0) > (leaves[best]!.split?.gain ?? 0)) best = i;
  return best;
}

function minus(whole: LeafSums, part: LeafSums): LeafSums {
  return {
    gradient: whole.gradient - part.gradient,
    hessian: whole.hessian - part.hessian,
    rowCount: whole.rowCount - part.rowCount,
  };
}
