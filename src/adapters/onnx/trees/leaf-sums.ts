import { readFileSync } from 'node:fs';
import { messageOf } from '../../../errors.js';
import type { TreeEnsemble } from '../../../ports/learner.js';

/** Adds up the leaves of trees in rows, to the bit as onnxruntime does: in float32, tree by tree, base values last. */
export interface LeafSums {
  /**
   * @param rows rowCount × columns, row-major, at most {@link rowCount} of them; NaN = missing
   * @returns log-odds or probabilities, rowCount × members, row-major; a copy
   */
  sum(rows: Float32Array, rowCount: number): Float32Array<ArrayBuffer>;
}

/** Leaves that the masks of a tree have bits for. */
export const MOST_LEAVES = 16;

/** Rows of a vector: as many sums may be written behind the last row. */
const LANES = 8;
const NODE_WORDS = 3;
const MASK_BYTES = 2 * LANES;
const PAGE_BYTES = 65_536;

/** Made by `npm run build` of leaf-sums.as.ts, for the sources (in tests) and for the program alike. */
const FILE = new URL('../../../../dist/adapters/onnx/trees/leaf-sums.wasm', import.meta.url);
let compiled: object | null | undefined;

/** What is used of WebAssembly: the types of Node 20 do not tell of it. */
interface Wasm {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}
const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: Wasm };

interface Node {
  readonly threshold: number;
  readonly tree: number;
  /** Leaves of the left branch, a bit each. */
  readonly leftLeaves: number;
}

/** The nodes of all trees by (column, where a missing value goes), each list by rising threshold. */
interface Lists {
  readonly nodes: readonly (readonly Node[])[];
  readonly leaves: Float32Array;
  /** All leaves of a tree, a bit each. */
  readonly whole: Uint16Array;
}

/**
 * Prepares trees for summing; undefined when one of them has more than {@link MOST_LEAVES} leaves, and where the WebAssembly
 * is not there, of which the process is warned once.
 * @param rowCount most rows that are summed at once
 */
export function leafSums(trees: TreeEnsemble, rowCount: number): LeafSums | undefined {
  const lists = listsOf(trees);
  compiled = compiled === undefined ? compiledFile() : compiled;
  if (!lists || !compiled) return undefined;
  const { columnCount, memberCount, base } = trees;
  const treeCount = trees.roots.length;
  const nodes = lists.nodes.flat();
  const sumCount = (rowCount + LANES - 1) * memberCount;
  const at = { end: 0 };
  const place = (bytes: number): number => (at.end += Math.ceil(bytes / 16) * 16) - Math.ceil(bytes / 16) * 16;
  const places = {
    rows: place(4 * rowCount * columnCount),
    starts: place(4 * (lists.nodes.length + 1)),
    nodes: place(4 * NODE_WORDS * nodes.length),
    whole: place(MASK_BYTES * treeCount),
    masks: place(MASK_BYTES * treeCount),
    leaves: place(4 * MOST_LEAVES * treeCount),
    memberOf: place(4 * treeCount),
    sums: place(4 * sumCount),
  };
  const memory = new wasm.Memory({ initial: Math.ceil(at.end / PAGE_BYTES) });
  const { buffer } = memory;
  let first = 0;
  new Uint32Array(buffer, places.starts).set([0, ...lists.nodes.map(({ length }) => (first += length))]);
  const words = new Uint32Array(buffer, places.nodes);
  const floats = new Float32Array(buffer, places.nodes);
  nodes.forEach(({ threshold, tree, leftLeaves }, i) => {
    floats[i * NODE_WORDS] = threshold;
    words[i * NODE_WORDS + 1] = tree * MASK_BYTES;
    words[i * NODE_WORDS + 2] = leftLeaves;
  });
  const whole = new Uint16Array(buffer, places.whole);
  lists.whole.forEach((all, tree) => whole.fill(all, tree * LANES, (tree + 1) * LANES));
  new Float32Array(buffer, places.leaves).set(lists.leaves);
  new Int32Array(buffer, places.memberOf).set(trees.memberOfTree);
  const addLeaves = new wasm.Instance(compiled, { env: { memory } }).exports['addLeaves'] as AddLeaves;
  const input = new Float32Array(buffer, places.rows, rowCount * columnCount);
  const sums = new Float32Array(buffer, places.sums, sumCount);
  return {
    sum(rows, count) {
      input.set(rows);
      sums.fill(0, 0, (count + LANES - 1) * memberCount);
      addLeaves(
        places.rows,
        count,
        columnCount,
        places.starts,
        places.nodes,
        treeCount,
        places.whole,
        places.masks,
        places.leaves,
        places.memberOf,
        memberCount,
        places.sums,
      );
      const summed = sums.slice(0, count * memberCount);
      for (let i = 0; i < summed.length; i++) summed[i]! += base[i % memberCount]!;
      return summed;
    },
  };
}

/** null: it cannot be read. */
function compiledFile(): object | null {
  try {
    return new wasm.Module(readFileSync(FILE));
  } catch (thrown) {
    process.emitWarning(
      `trees are scored by onnxruntime, which takes nine times as long: ${messageOf(thrown)}; run npm run build`,
    );
    return null;
  }
}

/** `addLeaves` of leaf-sums.as.ts; places are bytes in its memory. */
type AddLeaves = (
  rows: number,
  rowCount: number,
  columnCount: number,
  starts: number,
  nodes: number,
  treeCount: number,
  whole: number,
  masks: number,
  leaves: number,
  memberOf: number,
  memberCount: number,
  sums: number,
) => void;

function listsOf(trees: TreeEnsemble): Lists | undefined {
  const { columnCount, roots, column, threshold, left, right, missingLeft, value } = trees;
  const nodes = Array.from({ length: 2 * columnCount }, (): Node[] => []);
  const leaves = new Float32Array(roots.length * MOST_LEAVES);
  const whole = new Uint16Array(roots.length);
  for (const [tree, root] of roots.entries()) {
    let leafCount = 0;
    /** Numbers the leaves below a node from left to right; returns their bits. */
    const leavesBelow = (node: number): number => {
      if (column[node]! < 0) {
        if (leafCount < MOST_LEAVES) leaves[tree * MOST_LEAVES + leafCount] = value[node]!;
        return 1 << leafCount++;
      }
      const leftLeaves = leavesBelow(left[node]!);
      const list = nodes[2 * column[node]! + (missingLeft[node] === 1 ? 0 : 1)]!;
      list.push({ threshold: threshold[node]!, tree, leftLeaves });
      return leftLeaves | leavesBelow(right[node]!);
    };
    whole[tree] = leavesBelow(root);
    if (leafCount > MOST_LEAVES) return undefined;
  }
  for (const list of nodes) list.sort((a, b) => a.threshold - b.threshold);
  return { nodes, leaves, whole };
}
