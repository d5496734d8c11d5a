import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { readPredictor } from '../../../src/adapters/onnx/reader/index.js';
import { protobufFields } from '../../../src/adapters/onnx/reader/protobuf-reader.js';
import { predictorGraph, writeOnnx } from '../../../src/adapters/onnx/writer/index.js';
import { createHash32 } from '../../../src/adapters/xxhash/index.js';
import { coinFacts } from '../../../src/app/explain/coin.js';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import type { TrainingSample } from '../../../src/events/words.js';
import { explain } from '../../../src/learn/explain/contributions.js';
import {
  LEARNER_NAMES,
  learnersWith,
  type LearnerName,
  predictWith,
  seededRandom,
} from '../../../src/learn/learners/index.js';
import { impressionKeyOf } from '../../../src/pipeline/join/sample-key.js';
import { KEPT, selectionColumns, Selector } from '../../../src/pipeline/select/select.js';
import { createKeyOf } from '../../../src/pipeline/state/keys.js';
import type { TrainingRows } from '../../../src/ports/trainer.js';

const COLUMNS = 5;
const keyOf = createKeyOf(await createHash32());

/** Rows whose first two columns decide, a tenth of the values missing. */
function rowsOf(rowCount: number, seed: number): TrainingRows {
  const random = seededRandom(seed);
  const rows = Float32Array.from({ length: rowCount * COLUMNS }, () => (random() < 0.1 ? NaN : random() * 10 - 3));
  const labels = Uint8Array.from({ length: rowCount }, (_, i) => {
    const [a, b] = [rows[i * COLUMNS]!, rows[i * COLUMNS + 1]!].map((value) => (Number.isNaN(value) ? 1 : value));
    return random() < 1 / (1 + Math.exp(-(a! - 3 + (b! > 2 ? 1.5 : 0)))) ? 1 : 0;
  });
  return {
    rows,
    rowCount,
    columnCount: COLUMNS,
    labels,
    weights: new Float32Array(rowCount).fill(1),
    offsets: new Float32Array(rowCount),
  };
}

const SETTINGS: Record<string, Record<string, number>> = {
  boosting: {
    rounds: 20,
    members: 2,
    learningRate: 0.2,
    leaves: 7,
    l2: 1,
    minChildRows: 5,
    columnFraction: 1,
    rowFraction: 0.8,
  },
  forest: { trees: 4, rowsPerTree: 200, maxDepth: 5, leafShrinkage: 5, columnFraction: 1, minNodeRows: 5 },
};

const learners = learnersWith(growTree);
const training = rowsOf(600, 1);
const test = rowsOf(50, 2);
const fitted = (learner: LearnerName) =>
  learners[learner](training, { seed: 3, settings: SETTINGS[learner] ?? {} }).predictor;

describe('a scorer read back from its ONNX file', () => {
  it.each(LEARNER_NAMES)('predicts what it predicted before it was written: %s', (learner) => {
    const predictor = fitted(learner);
    const read = readPredictor(writeOnnx(predictorGraph(predictor)), COLUMNS, predictor.memberCount);
    expect(read?.kind).toBe(predictor.kind);
    expect(predictWith(read!, test.rows, test.rowCount)).toEqual(predictWith(predictor, test.rows, test.rowCount));
  });

  it('is none when the file is of another make, damaged, or of another shape', () => {
    const predictor = fitted('boosting');
    const onnx = writeOnnx(predictorGraph(predictor));
    expect(readPredictor(onnx, COLUMNS, predictor.memberCount + 1)).toBeUndefined();
    expect(readPredictor(onnx.subarray(0, onnx.length - 3), COLUMNS, predictor.memberCount)).toBeUndefined();
    expect(
      readPredictor(writeOnnx({ ...predictorGraph(predictor), nodes: [], constants: [] }), COLUMNS, 1),
    ).toBeUndefined();
    expect(() => [...protobufFields(Uint8Array.of(0x08, 0x80))]).toThrow(RangeError);
  });
});

describe('path contributions', () => {
  it.each(LEARNER_NAMES)('sum to the prediction, from the mean of the background: %s', (learner) => {
    const predictor = fitted(learner);
    const { members, probability } = predictWith(predictor, test.rows, test.rowCount);
    const logit = (p: number): number => Math.log(p / (1 - p));
    for (let i = 0; i < test.rowCount; i++) {
      const row = test.rows.subarray(i * COLUMNS, (i + 1) * COLUMNS);
      const { scale, base, contributions, total } = explain(predictor, row, training.rows);
      const own = Array.from(members.subarray(i * predictor.memberCount, (i + 1) * predictor.memberCount));
      const expected =
        scale === 'probability' ? probability[i]! : own.reduce((sum, p) => sum + logit(p), 0) / own.length;
      expect(total).toBeCloseTo(expected, 3);
      expect(base + contributions.reduce((sum, one) => sum + one, 0)).toBeCloseTo(total, 9);
    }
  });

  it.each(LEARNER_NAMES)(
    'are 0 on average over the background, and greatest for the columns that decide: %s',
    (learner) => {
      const predictor = fitted(learner);
      const sums = new Float64Array(COLUMNS);
      const sizes = new Float64Array(COLUMNS);
      for (let i = 0; i < training.rowCount; i++) {
        const { contributions } = explain(
          predictor,
          training.rows.subarray(i * COLUMNS, (i + 1) * COLUMNS),
          training.rows,
        );
        contributions.forEach((one, column) => {
          sums[column]! += one / training.rowCount;
          sizes[column]! += Math.abs(one) / training.rowCount;
        });
      }
      for (const sum of sums) expect(sum).toBeCloseTo(0, 6);
      expect(sizes.indexOf(Math.max(...sizes))).toBe(0);
    },
  );
});

describe('coin and threshold of a sample', () => {
  const sampleOf = (rest: Partial<TrainingSample>): TrainingSample =>
    ({
      sampleId: 'r#2',
      requestId: 'r',
      position: 2,
      surface: 'AD',
      scorer: 'surprise',
      importance: 0.05,
      inclusionProbability: 1,
      flags: [],
      selectionId: null,
      ...rest,
    }) as TrainingSample;
  const configOf = (selection: ConfigInput['selection'], contradicted = {}) =>
    configSchema.parse({ selection, quality: { contradicted } });

  it('are those of the selector that kept it', () => {
    const config = configOf({ budgets: { AD: 0.25 }, throttle: 0.8, auditFraction: 0 });
    const selector = new Selector(config.selection, keyOf, null);
    const columns = selectionColumns();
    const count = 3_000;
    const random = seededRandom(5);
    const facts = {
      surfaces: new Uint8Array(1).fill(1),
      categories: [null],
      ranks: new Int8Array(1),
      timesMs: new Float64Array(1),
    };
    let exact = 0;
    for (let i = 0; i < count; i++) {
      const importance = random() ** 3;
      const memory = selector.memory.surfaces?.[1] ?? null;
      selector.select(
        Float64Array.of(impressionKeyOf(keyOf(`r${i}`), 1)),
        Uint8Array.of(0),
        1,
        { ifNegative: Float64Array.of(importance), ifPositive: Float64Array.of(1) },
        columns,
        facts,
      );
      const sample = sampleOf({
        sampleId: `r${i}#1`,
        requestId: `r${i}`,
        position: 1,
        importance,
        inclusionProbability: columns.inclusionProbabilities[0]!,
      });
      const { isBelow, threshold, thresholdIs } = coinFacts(sample, 'training', config, keyOf);
      expect(isBelow).toBe(columns.fates[0] === KEPT);
      if (memory === null) continue;
      if (thresholdIs === 'exactly') {
        exact++;
        expect(threshold! / Math.exp(memory)).toBeCloseTo(1, 6);
      } else {
        expect(thresholdIs).toBe('at most');
        expect(threshold).toBeGreaterThanOrEqual(Math.exp(memory) * (1 - 1e-6));
      }
    }
    expect(exact).toBeGreaterThan(count / 2);
  });

  it('are told beside rules that did not bind', () => {
    const { threshold } = coinFacts(
      sampleOf({ label: 0, inclusionProbability: 0.1 }),
      'training',
      configOf({ keep: [{ label: 1, atLeast: 0.1 }] }),
      keyOf,
    );
    expect(threshold).toBeCloseTo((0.05 * 0.8) / (0.1 - 0.02), 9);
  });

  it.each<[string, Partial<TrainingSample>, ConfigInput['selection']]>([
    ['before the first snapshot', { scorer: 'uniform' }, {}],
    ['under a rate per second', {}, { perSecond: 3 }],
    ['at a floor', { label: 1, inclusionProbability: 0.5 }, { keep: [{ label: 1, atLeast: 0.5 }] }],
    ['when π does not fit the config', { inclusionProbability: 0.01 }, { budget: 0.5 }],
  ])('are not guessed %s', (_when, rest, selection) => {
    const { threshold, why } = coinFacts(sampleOf(rest), 'training', configOf(selection), keyOf);
    expect(threshold).toBeNull();
    expect(why).not.toBeNull();
  });

  it('are not guessed at the cap of samples flagged as contradicted, and told below it', () => {
    const config = configOf({}, { atMost: 0.2 });
    expect(
      coinFacts(sampleOf({ inclusionProbability: 0.2, flags: ['contradicted'] }), 'training', config, keyOf).why,
    ).toContain('atMost');
    expect(
      coinFacts(sampleOf({ inclusionProbability: 0.1, flags: ['contradicted'] }), 'training', config, keyOf).threshold,
    ).not.toBeNull();
    expect(coinFacts(sampleOf({ inclusionProbability: 0.2 }), 'training', config, keyOf).threshold).not.toBeNull();
  });
});
