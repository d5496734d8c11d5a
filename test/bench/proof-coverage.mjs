/**
 * How often does the interval of the live proof cover 0 when both kinds of rows are draws of one stream?
 *
 *     npm run build && node test/bench/proof-coverage.mjs [boosting|linear] [ROWS] [DRAWS]
 *
 * Each draw makes ROWS audit rows and ROWS training rows of eight columns, four of which matter, 13 % positive, and lays
 * them out, fits and judges as a proof does. Prints, by number of halvings, the share of draws whose 95 % interval covers 0
 * and its mean half-width: from the judging rows alone, and as the proof has it.
 */
import { growTree } from '../../dist/adapters/forest/grow-tree.js';
import { learnersWith } from '../../dist/learn/learners/index.js';
import { predictWith, seededRandom } from '../../dist/learn/learners/index.js';
import { aucFigures, entropyFigures } from '../../dist/learn/proof/conclude.js';
import { commonPeriod, pairOf } from '../../dist/learn/proof/halves.js';
import { intervalOf } from '../../dist/learn/proof/interval.js';
import { takeRows } from '../../dist/learn/proof/take-rows.js';

const learners = learnersWith(growTree);

const [learner = 'boosting', rowCount = '2000', drawCount = '100'] = process.argv.slice(2);
const HALVINGS = 4;
const COLUMNS = 8;
const LEARNERS = {
  boosting: (rows, seed) => learners.boosting(rows, { seed, settings: { rounds: 60, bins: 64 } }).predictor,
  linear: (rows, seed) => learners.linear(rows, { seed, settings: {} }).predictor,
};

function draw(count, random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const rows = Float32Array.from({ length: count * COLUMNS }, normal);
  const logOdds = (row) => -2.5 + 0.7 * [0, 1, 2, 3].reduce((sum, column) => sum + rows[row * COLUMNS + column], 0);
  return {
    rows,
    rowCount: count,
    columnCount: COLUMNS,
    labels: Uint8Array.from({ length: count }, (_, row) => (random() < 1 / (1 + Math.exp(-logOdds(row))) ? 1 : 0)),
    weights: new Float32Array(count).fill(1),
    offsets: new Float32Array(count),
    surfaces: new Uint8Array(count),
    timeKeys: Float64Array.from({ length: count }, (_, row) => row),
    draws: Uint32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32)),
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const tally = new Map();

function note(name, { lower, upper }) {
  const { covered, width } = tally.get(name) ?? { covered: 0, width: 0 };
  tally.set(name, { covered: covered + (lower <= 0 && upper >= 0 ? 1 : 0), width: width + (upper - lower) / 2 });
}

for (let number = 0; number < Number(drawCount); number++) {
  const random = seededRandom(1_000 + number);
  const [audit, training] = [draw(Number(rowCount), random), draw(Number(rowCount), random)];
  const period = commonPeriod(audit, training);
  const predictions = Array.from({ length: 2 * HALVINGS }, (_, at) => {
    const pair = pairOf(at, period, audit.draws, training.draws);
    const judges = takeRows(audit, pair.judges);
    const predict = (rows) => predictWith(LEARNERS[learner](rows, 1 + at), judges.rows, judges.rowCount).probability;
    const [curated, uniform] = [predict(takeRows(training, pair.curated)), predict(takeRows(audit, pair.uniform))];
    return { curated, uniform, labels: judges.labels };
  });
  const baseRate = mean([...audit.labels]);
  for (const [metric, figuresOf] of [
    ['AUC', aucFigures],
    ['NE', (one) => entropyFigures(one, baseRate)],
  ]) {
    const figures = predictions.map(figuresOf);
    for (let halvings = 1; halvings <= HALVINGS; halvings++) {
      const pairs = figures.slice(0, 2 * halvings);
      const [middle, half] = [
        mean(pairs.map((p) => p.difference)),
        1.96 * Math.sqrt(mean(pairs.map((p) => p.variance)) / 2),
      ];
      note(`${metric}, ${halvings} halvings, judging rows alone`, { lower: middle - half, upper: middle + half });
      if (halvings > 1) note(`${metric}, ${halvings} halvings, the interval of the proof`, intervalOf(pairs));
    }
  }
}
for (const [name, { covered, width }] of tally)
  console.log(
    `${learner}: ${name}: covers 0 in ${((100 * covered) / drawCount).toFixed(0)} %, ± ${(width / drawCount).toFixed(4)}`,
  );
