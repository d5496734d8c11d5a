/**
 * The leaves of many trees, added up for eight rows at a time. AssemblyScript: the build makes leaf-sums.wasm of it, because
 * JavaScript has no vector instructions. `leaf-sums.ts` lays the memory out and calls it.
 *
 * A tree of up to 16 leaves is a mask of 16 bits, one a leaf, from left to right. A node that a row passes to the right
 * strikes out the leaves of its left branch; the leftmost leaf that is left is the row's. So no branch of a tree is ever
 * walked: a column's nodes are gone through by rising threshold until no row reaches one.
 * Source: Lucchese et al., QuickScorer (SIGIR 2015) and its vector form (SIGIR 2016).
 */

/** Rows done at once: lanes of a vector of 16-bit masks. */
const LANES = 8;
/** Bytes of a node: threshold (f32), place of its tree's masks in bytes (u32), leaves of its left branch as bits (u32). */
const NODE = 12;
/** Bytes of the masks of a tree for eight rows, and of its leaves: 16 floats. */
const MASKS = 16;
const LEAVES = 64;

/**
 * Adds to `sums` (rows × members) the leaf of each tree in each row. Up to seven rows more are written behind the last one.
 * @param rows rows × columns, f32; NaN is missing
 * @param starts number of the first node of (column, where a missing value goes: 0 left, 1 right), and one behind the last
 * @param whole masks of every tree with all leaves, as `masks` are at the start of eight rows
 * @param memberOf the member that each tree adds to, i32
 */
export function addLeaves(
  rows: usize,
  rowCount: i32,
  columnCount: i32,
  starts: usize,
  nodes: usize,
  treeCount: i32,
  whole: usize,
  masks: usize,
  leaves: usize,
  memberOf: usize,
  memberCount: i32,
  sums: usize,
): void {
  const rowBytes = <usize>columnCount * 4;
  for (let from = 0; from < rowCount; from += LANES) {
    memory.copy(masks, whole, <usize>treeCount * MASKS);
    const last = <usize>min(LANES, rowCount - from) - 1;
    const firstRow = rows + <usize>from * rowBytes;
    for (let column = 0; column < columnCount; column++) {
      const at = firstRow + <usize>column * 4;
      strikeOut(fourRows(at, rowBytes, 0, last), fourRows(at, rowBytes, 4, last), column, starts, nodes, masks);
    }
    for (let tree = 0; tree < treeCount; tree++) {
      const left = v128.load(masks + <usize>tree * MASKS);
      const leaf = leaves + <usize>tree * LEAVES;
      const member = load<i32>(memberOf + <usize>tree * 4);
      const sum = sums + <usize>(from * memberCount + member) * 4;
      const step = <usize>memberCount * 4;
      addLeaf(sum, leaf, i16x8.extract_lane_u(left, 0));
      addLeaf(sum + step, leaf, i16x8.extract_lane_u(left, 1));
      addLeaf(sum + step * 2, leaf, i16x8.extract_lane_u(left, 2));
      addLeaf(sum + step * 3, leaf, i16x8.extract_lane_u(left, 3));
      addLeaf(sum + step * 4, leaf, i16x8.extract_lane_u(left, 4));
      addLeaf(sum + step * 5, leaf, i16x8.extract_lane_u(left, 5));
      addLeaf(sum + step * 6, leaf, i16x8.extract_lane_u(left, 6));
      addLeaf(sum + step * 7, leaf, i16x8.extract_lane_u(left, 7));
    }
  }
}

/** A column of four rows; behind the last row comes the last row again. */
function fourRows(at: usize, rowBytes: usize, first: usize, last: usize): v128 {
  let four = f32x4.splat(load<f32>(at + rowBytes * min(first, last)));
  four = f32x4.replace_lane(four, 1, load<f32>(at + rowBytes * min(first + 1, last)));
  four = f32x4.replace_lane(four, 2, load<f32>(at + rowBytes * min(first + 2, last)));
  return f32x4.replace_lane(four, 3, load<f32>(at + rowBytes * min(first + 3, last)));
}

/** Strikes out what eight rows leave behind at the nodes of a column. */
function strikeOut(low: v128, high: v128, column: i32, starts: usize, nodes: usize, masks: usize): void {
  // A comparison with NaN is false, so a missing value goes left by itself; to go right it has to be above everything.
  const above = f32x4.splat(Infinity);
  strikeOutFrom(low, high, 2 * column, starts, nodes, masks);
  strikeOutFrom(
    v128.bitselect(low, above, f32x4.eq(low, low)),
    v128.bitselect(high, above, f32x4.eq(high, high)),
    2 * column + 1,
    starts,
    nodes,
    masks,
  );
}

function strikeOutFrom(low: v128, high: v128, list: i32, starts: usize, nodes: usize, masks: usize): void {
  const start = starts + <usize>list * 4;
  const end = nodes + <usize>load<u32>(start, 4) * NODE;
  for (let node = nodes + <usize>load<u32>(start) * NODE; node < end; node += NODE) {
    const threshold = v128.load32_splat(node);
    const right = i16x8.narrow_i32x4_s(f32x4.ge(low, threshold), f32x4.ge(high, threshold));
    if (!v128.any_true(right)) return;
    const mask = masks + <usize>load<u32>(node, 4);
    v128.store(mask, v128.andnot(v128.load(mask), v128.and(right, v128.load16_splat(node, 8))));
  }
}

function addLeaf(sum: usize, leaves: usize, left: u32): void {
  store<f32>(sum, load<f32>(sum) + load<f32>(leaves + <usize>ctz(left) * 4));
}
