import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { describe, expect, it } from 'vitest';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { predictorGraph, writeOnnx, type OnnxGraph } from '../../../src/adapters/onnx/writer/index.js';
import { predictWith } from '../../../src/learn/learners/index.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';

const learners = learnersWith(growTree);

const training = clickRows(5_000, 12, 8, -2);
const { predictor } = learners.boosting(training, { seed: 1, settings: { rounds: 10, members: 3 } });
const graph = predictorGraph(predictor);

/** Σ of the columns through a sigmoid, as a model made elsewhere might do it. */
function foreign(changes: Partial<OnnxGraph> = {}): Uint8Array {
  return writeOnnx({
    name: 'foreign',
    nodes: foreignNodes(),
    constants: [{ name: 'ones', dims: [2, 1], values: [1, 1] }],
    inputs: [{ name: 'features', dims: ['N', 2] }],
    outputs: [{ name: 'probability', dims: ['N', 1] }],
    ...changes,
  });
}

describe('a loaded model', () => {
  it('keeps what it was called and scores any number of rows, in order', async () => {
    const model = await onnxModelLoader().load(writeOnnx(graph), 'v7', 'f3');
    expect([model.snapshotVersion, model.featureSetId, model.memberCount]).toEqual(['v7', 'f3', 3]);
    const ours = predictWith(predictor, training.rows, 5_000);
    for (const rowCount of [0, 1, 2_047, 2_048, 2_049, 5_000]) {
      const { probability, members } = await model.predict(training.rows.subarray(0, rowCount * 12), rowCount);
      expect([probability.length, members.length]).toEqual([rowCount, rowCount * 3]);
      probability.forEach((p, i) => expect(Math.abs(p - ours.probability[i]!)).toBeLessThan(1e-6));
      members.forEach((p, i) => expect(Math.abs(p - ours.members[i]!)).toBeLessThan(1e-6));
    }
    await model.close();
  });

  it('scores a row of a view into a larger array as that row', async () => {
    const model = await onnxModelLoader().load(writeOnnx(graph), 'v', 'f');
    const alone = await model.predict(training.rows.slice(36, 48), 1);
    const view = await model.predict(training.rows.subarray(36, 48), 1);
    expect(view.probability).toEqual(alone.probability);
    await model.close();
  });

  it('serves many at once', async () => {
    const model = await onnxModelLoader().load(writeOnnx(graph), 'v', 'f');
    const whole = await model.predict(training.rows, 5_000);
    const parts = await Promise.all(
      Array.from({ length: 50 }, (_, i) => model.predict(training.rows.subarray(i * 1_200, (i + 1) * 1_200), 100)),
    );
    parts.forEach((part, i) => expect(part.probability).toEqual(whole.probability.subarray(i * 100, (i + 1) * 100)));
    await model.close();
  });

  it('refuses rows of another width as a snapshot that does not fit', async () => {
    const model = await onnxModelLoader().load(writeOnnx(graph), 'v', 'f');
    await expect(model.predict(new Float32Array(13), 1)).rejects.toMatchObject({ code: 'snapshot-refused' });
    await model.close();
  });

  it('made elsewhere with probability [N, 1] and no members is its own only member', async () => {
    const model = await onnxModelLoader().load(foreign(), 'v', 'f');
    const { probability, members } = await model.predict(Float32Array.of(0, 0, 1, 1), 2);
    expect(model.memberCount).toBe(1);
    expect(probability[0]).toBeCloseTo(0.5, 6);
    expect(members[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    await model.close();
  });

  it.each([
    ['bytes that are no model', Uint8Array.of(1, 2, 3)],
    ['no bytes', new Uint8Array()],
    ['half a model', writeOnnx(graph).subarray(0, 500)],
    ['another input name', foreign({ nodes: foreignNodes('rows'), inputs: [{ name: 'rows', dims: ['N', 2] }] })],
    ['a free column count', foreign({ inputs: [{ name: 'features', dims: ['N', 'columns'] }] })],
    [
      'another output name',
      foreign({ nodes: foreignNodes('features', 'score'), outputs: [{ name: 'score', dims: ['N', 1] }] }),
    ],
    [
      'two probabilities a row',
      foreign({
        constants: [{ name: 'ones', dims: [2, 2], values: [1, 1, 1, 1] }],
        outputs: [{ name: 'probability', dims: ['N', 2] }],
      }),
    ],
  ])('%s is refused with the version and a reason', async (_, bytes) => {
    await expect(onnxModelLoader().load(bytes, 'v9', 'f')).rejects.toMatchObject({
      code: 'snapshot-refused',
      details: { version: 'v9' },
    });
  });
});

function foreignNodes(input = 'features', output = 'probability'): OnnxGraph['nodes'] {
  return [
    { operator: 'MatMul', inputs: [input, 'ones'], outputs: ['margin'] },
    { operator: 'Sigmoid', inputs: ['margin'], outputs: [output] },
  ];
}
