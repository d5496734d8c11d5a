import * as ort from 'onnxruntime-node';
import type { TreeEnsemble } from '../../../ports/learner.js';
import { rewriteMessage } from '../brought/rewrite.js';
import { readPredictor } from '../reader/index.js';
import { protobufFields, textOf } from '../reader/protobuf-reader.js';
import { ONE_THREAD, type Scoring } from '../scoring.js';
import { writeValue } from '../writer/onnx-file.js';
import { ProtobufWriter } from '../writer/protobuf.js';
import { leafSums } from './leaf-sums.js';
import { openSession } from '../open-session.js';

/** What is known of a file that is split. */
export interface SplitFacts {
  readonly columnCount: number;
  readonly memberCount: number;
  /** Most rows of a run. */
  readonly rowCount: number;
}

/**
 * Scores a file of ours with the leaves summed by `leafSums`, and the rest of its graph by onnxruntime: the same numbers to
 * the bit, about nine times as fast (`node test/bench/trees.mjs`). undefined where the file is of another make or a tree too
 * large, and where the two do not answer the same on rows about every threshold: what scores is what was published.
 * @param whole the file as it is
 */
export async function quickTrees(onnx: Uint8Array, facts: SplitFacts, whole: Scoring): Promise<Scoring | undefined> {
  const trees = readPredictor(onnx, facts.columnCount, facts.memberCount);
  if (trees?.kind !== 'trees' || trees.link !== 'logistic') return undefined;
  const leaves = leafSums(trees, facts.rowCount);
  if (!leaves) return undefined;
  const rest = await openSession(withoutTrees(onnx, trees.memberCount), ONE_THREAD);
  const scoring: Scoring = {
    run(rows, rowCount, outputs) {
      const sums = new ort.Tensor('float32', leaves.sum(rows, rowCount), [rowCount, trees.memberCount]);
      return rest.run({ [LEAVES_SUMMED]: sums }, outputs);
    },
    release: () => rest.release(),
  };
  if (await answerTheSame(scoring, whole, tellingRows(trees, facts.rowCount), facts)) return scoring;
  await rest.release();
  return undefined;
}

/** The trees' output in the graphs that `predictorGraph` writes where a sigmoid follows. */
const LEAVES_SUMMED = 'margins';

/** Fields of the messages of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH = { node: 1, input: 11 } as const;
const NODE_OPERATOR = 4;

/** The same file with what the trees give as its input. */
function withoutTrees(onnx: Uint8Array, memberCount: number): Uint8Array {
  const input = new ProtobufWriter();
  writeValue(input, { name: LEAVES_SUMMED, dims: ['N', memberCount] });
  return rewriteMessage(onnx, ({ field, bytes }) =>
    field !== MODEL_GRAPH
      ? undefined
      : rewriteMessage(bytes, (part) => {
          if (part.field === GRAPH.input) return input.bytes();
          return part.field === GRAPH.node && isTrees(part.bytes) ? null : undefined;
        }),
  );
}

function isTrees(node: Uint8Array): boolean {
  for (const part of protobufFields(node))
    if (part.field === NODE_OPERATOR) return textOf(part) === 'TreeEnsembleRegressor';
  return false;
}

/**
 * Rows that lead to every branch, or nearly: in each column its thresholds, numbers just below them, infinities and missing
 * values, in combinations that differ from row to row.
 */
function tellingRows({ columnCount, column, threshold }: TreeEnsemble, rowCount: number): Float32Array {
  const values = Array.from({ length: columnCount }, () => [NaN, -Infinity, Infinity, 0]);
  column.forEach((c, node) => {
    const at = threshold[node]!;
    if (c >= 0) values[c]!.push(at, at - Math.abs(at) * 1e-6);
  });
  const rows = new Float32Array(rowCount * columnCount);
  for (let i = 0; i < rows.length; i++) {
    const telling = values[i % columnCount]!;
    // A step that shares no divisor with most lengths: neighbours in a column, and in a row, are told apart.
    rows[i] = telling[(i * 7_919) % telling.length]!;
  }
  return rows;
}

async function answerTheSame(one: Scoring, other: Scoring, rows: Float32Array, facts: SplitFacts): Promise<boolean> {
  const outputs = ['probability', 'members'];
  const [a, b] = [await one.run(rows, facts.rowCount, outputs), await other.run(rows, facts.rowCount, outputs)];
  return outputs.every((name) => isSame(a[name]!.data as Float32Array, b[name]!.data as Float32Array));
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
