import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { calibratedPredictor } from '../../../src/adapters/onnx/calibrated-onnx.js';
import { appendMetadata, predictorGraph, writeOnnx } from '../../../src/adapters/onnx/writer/index.js';
import { ProtobufWriter } from '../../../src/adapters/onnx/writer/protobuf.js';
import { LEARNER_NAMES, learnersWith, predictWith } from '../../../src/learn/learners/index.js';
import { clickRows } from '../../../src/lab/laws/click-rows.js';
import { pythonWith, runPython } from '../../learn/learners/python.js';

describe('protobuf', () => {
  it('varints read back, up to the largest safe integer and for negative int64', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 })), (value) => {
        const bytes = new ProtobufWriter().integer(1, value).bytes();
        expect(bytes[0]).toBe(8);
        let read = 0n;
        bytes.subarray(1).forEach((byte, i) => (read |= BigInt(byte & 127) << BigInt(7 * i)));
        expect(Number(BigInt.asIntN(64, read))).toBe(value);
      }),
    );
  });

  it('is written as the protobuf encoding guide shows', () => {
    const hex = (writer: ProtobufWriter) => Buffer.from(writer.bytes()).toString('hex');
    expect(hex(new ProtobufWriter().integer(1, 150))).toBe('089601');
    expect(hex(new ProtobufWriter().string(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new ProtobufWriter().message(3, (inner) => inner.integer(1, 150)))).toBe('1a03089601');
    expect(hex(new ProtobufWriter().integers(6, [3, 270, 86942]))).toBe('3206038e029ea705');
    expect(hex(new ProtobufWriter().float(1, 1))).toBe('0d0000803f');
  });
});

describe('an ONNX file', () => {
  const training = clickRows(2_000, 12, 8, -2);
  const learners = learnersWith(growTree);
  const fitted = LEARNER_NAMES.map((name) => ({
    name,
    predictor: learners[name](training, {
      seed: 2,
      settings: { trees: 8, rowsPerTree: 300, rounds: 20, members: 3, epochs: 3 },
    }).predictor,
  }));

  it('gains metadata without being parsed', () => {
    const bare = writeOnnx(predictorGraph(fitted[0]!.predictor));
    const facts = { 'sluice.featureSetId': 'f1', 'sluice.version': 'später' };
    expect(appendMetadata(bare, facts)).toEqual(writeOnnx(predictorGraph(fitted[0]!.predictor), facts));
    expect(appendMetadata(bare, {})).toEqual(bare);
  });

  const python = pythonWith('onnxruntime', 'numpy');

  const bent = fitted.map(({ name, predictor }) => ({
    name: `a calibrated ${name}`,
    predictor: calibratedPredictor(predictor, { slope: 0.8, intercept: -0.6 })!,
  }));

  it.skipIf(!python).each([...fitted, ...bent])(
    'of $name scores in Python as here, with its metadata',
    ({ predictor }) => {
      const outputs = runPython(
        python!,
        `
import numpy as np, onnxruntime as ort
session = ort.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
rows = np.fromfile("rows.f32", dtype=np.float32).reshape(-1, ${predictor.columnCount})
probability, members = session.run(["probability", "members"], {"features": rows})
assert probability.shape == (len(rows),), probability.shape
assert members.shape == (len(rows), ${predictor.memberCount}), members.shape
assert session.get_modelmeta().custom_metadata_map == {"sluice.featureSetId": "f1"}
probability.tofile("probability.f32")
members.tofile("members.f32")
try:
    import onnx
    onnx.checker.check_model(onnx.load("model.onnx"), full_check=True)
except ModuleNotFoundError:
    pass
`,
        {
          'model.onnx': writeOnnx(predictorGraph(predictor), { 'sluice.featureSetId': 'f1' }),
          'rows.f32': training.rows,
        },
        ['probability.f32', 'members.f32'],
      );
      const ours = predictWith(predictor, training.rows, training.rowCount);
      ours.probability.forEach((p, i) => expect(Math.abs(p - outputs['probability.f32']![i]!)).toBeLessThan(1e-5));
      ours.members.forEach((p, i) => expect(Math.abs(p - outputs['members.f32']![i]!)).toBeLessThan(1e-5));
    },
  );
});
