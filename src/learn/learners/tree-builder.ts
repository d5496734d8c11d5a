import type { TreeEnsemble } from '../../ports/learner.js';

/** Collects nodes of trees into the flat arrays of a {@link TreeEnsemble}. */
export class TreeBuilder {
  private readonly roots: number[] = [];
  private readonly memberOfTree: number[] = [];
  private readonly column: number[] = [];
  private readonly threshold: number[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly missingLeft: number[] = [];
  private readonly value: number[] = [];

  get treeCount(): number {
    return this.roots.length;
  }

  /** Drops all trees after the first `count`. */
  keepTrees(count: number): void {
    const nodes = this.roots[count] ?? this.column.length;
    this.roots.length = Math.min(count, this.roots.length);
    this.memberOfTree.length = this.roots.length;
    for (const list of [this.column, this.threshold, this.left, this.right, this.missingLeft, this.value])
      list.length = nodes;
  }

  /** The next {@link leaf} is the root of a tree of this member. */
  beginTree(member: number): void {
    this.roots.push(this.column.length);
    this.memberOfTree.push(member);
  }

  /** Adds a leaf and returns its number. */
  leaf(value = 0): number {
    this.column.push(-1);
    this.threshold.push(0);
    this.left.push(-1);
    this.right.push(-1);
    this.missingLeft.push(0);
    this.value.push(value);
    return this.column.length - 1;
  }

  setValue(leaf: number, value: number): void {
    this.value[leaf] = value;
  }

  /** Turns a leaf into an inner node with two new leaves; returns the left one (the right one follows it). */
  split(leaf: number, column: number, threshold: number, missingLeft: boolean): number {
    this.column[leaf] = column;
    this.threshold[leaf] = threshold;
    this.missingLeft[leaf] = missingLeft ? 1 : 0;
    this.value[leaf] = 0;
    const left = this.leaf();
    this.leaf();
    this.left[leaf] = left;
    this.right[leaf] = left + 1;
    return left;
  }

  build(columnCount: number, base: Float32Array, link: TreeEnsemble['link']): TreeEnsemble {
    return {
      kind: 'trees',
      columnCount,
      memberCount: base.length,
      roots: Int32Array.from(this.roots),
      memberOfTree: Int32Array.from(this.memberOfTree),
      column: Int32Array.from(this.column),
      threshold: Float32Array.from(this.threshold),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      missingLeft: Uint8Array.from(this.missingLeft),
      value: Float32Array.from(this.value),
      base,
      link,
    };
  }
}
