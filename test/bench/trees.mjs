// What scoring a row costs, in onnxruntime and with the trees beside it: npm run build && node test/bench/trees.mjs [FILE.onnx]
// Without a file: boosting as it is by default (150 trees of 15 leaves a half, two halves) over 45 columns.
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { growTree } from '../../dist/adapters/forest/grow-tree.js';
import { ONE_THREAD, wholeGraph } from '../../dist/adapters/onnx/scoring.js';
import { quickTrees } from '../../dist/adapters/onnx/trees/quick-trees.js';
import { predictorGraph, writeOnnx } from '../../dist/adapters/onnx/writer/index.js';
import { learnersWith } from '../../dist/learn/learners/index.js';
import { seededRandom } from '../../dist/learn/learners/random.js';

const ROWS = 2_048;
const ROUNDS = 9;
const [file] = process.argv.slice(2);
const onnx = file ? readFileSync(file) : fitted(45);
const session = await ort.InferenceSession.create(onnx, ONE_THREAD);
const columnCount = session.inputMetadata[0].shape[1];
const rows = rowsOf(columnCount, ROWS);
const whole = wholeGraph(session, columnCount);
const members = (await whole.run(rows, ROWS, ['members'])).members.size / ROWS;
const quick = await quickTrees(onnx, { columnCount, memberCount: members, rowCount: ROWS }, whole);

const microseconds = { onnxruntime: [], 'trees beside it': [] };
for (let round = 0; round < ROUNDS; round++) {
  microseconds.onnxruntime.push(await cpuOf(whole));
  if (quick) microseconds['trees beside it'].push(await cpuOf(quick));
}
for (const [how, times] of Object.entries(microseconds))
  console.log(`${how}: ${times.length ? `${median(times).toFixed(2)} µs of CPU a row` : 'not for this file'}`);

async function cpuOf(scoring) {
  const start = process.cpuUsage();
  for (let i = 0; i < 20; i++) await scoring.run(rows, ROWS, ['probability', 'members']);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / (20 * ROWS);
}

function fitted(columns) {
  const random = seededRandom(1);
  const rowCount = 20_000;
  const training = {
    rows: rowsOf(columns, rowCount),
    labels: Uint8Array.from({ length: rowCount }, () => (random() < 0.1 ? 1 : 0)),
    weights: new Float64Array(rowCount).fill(1),
    offsets: new Float64Array(rowCount),
    rowCount,
    columnCount: columns,
  };
  const folds = training.labels.map((_, i) => i & 1);
  return writeOnnx(
    predictorGraph(learnersWith(growTree).boosting(training, { seed: 1, settings: {}, folds }).predictor),
  );
}

function rowsOf(columns, rowCount) {
  const random = seededRandom(7);
  return Float32Array.from({ length: rowCount * columns }, () => (random() < 0.1 ? NaN : random()));
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
