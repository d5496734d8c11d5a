import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  asSnapshotFile,
  COLUMNS_KEY,
  FEATURE_SET_KEY,
  type ModelWishes,
} from '../../../src/adapters/onnx/brought/index.js';
import { onnxModelLoader } from '../../../src/adapters/onnx/model.js';
import { appendMetadata } from '../../../src/adapters/onnx/writer/onnx-file.js';

const fixture = (name: string) => new URL(`../../fixtures/models/${name}`, import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(fixture(`${name}.onnx`)));
const { rows, predictions } = JSON.parse(readFileSync(fixture('rows.json'), 'utf8')) as {
  readonly rows: (number | null)[][];
  readonly predictions: Readonly<Record<string, number[]>>;
};

const COLUMNS = ['a', 'b', 'c'];
const WISHES: ModelWishes = { featureSetId: 'fs-1', columns: COLUMNS, trainedOn: 'fs-1', outputKind: 'probability' };

/** What a model answers once it is a snapshot's file. Columns of a row are given in the order of the feature set. */
async function answers(
  onnx: Uint8Array,
  of: readonly (readonly (number | null)[])[],
  missing = NaN,
): Promise<number[]> {
  const model = await onnxModelLoader().load(onnx, 'v', 'fs-1');
  try {
    const values = Float32Array.from(of.flat(), (value) => value ?? missing);
    expect(model.columnCount).toBe(values.length / of.length);
    return [...(await model.predict(values, of.length)).probability];
  } finally {
    await model.close();
  }
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-6));
}

describe('a model as a converter writes it', () => {
  test.each([
    ['lightgbm', 'probability'],
    ['xgboost', 'probability'],
    ['sklearn', 'probability'],
    ['torch-double', 'probability'],
    ['torch-logit', 'logit'],
    ['torch-two-logits', 'logit'],
  ] as const)('%s: as a snapshot it predicts what its library does', async (name, outputKind) => {
    const onnx = await asSnapshotFile(bytesOf(name), name, { ...WISHES, outputKind });
    expectClose(await answers(onnx, rows, name.startsWith('torch') ? 0 : NaN), predictions[name]!);
  });

  test('takes some columns of the feature set, in an order of its own', async () => {
    const onnx = await asSnapshotFile(bytesOf('lightgbm'), 'model', {
      ...WISHES,
      columns: ['z', 'c', 'a', 'y', 'b'],
      takes: COLUMNS,
    });
    const wider = rows.map(([a, b, c]) => [9, c!, a!, 9, b!]);
    expectClose(await answers(onnx, wider), predictions['lightgbm']!);
  });

  test('says in its file what it was trained on', async () => {
    const saying = (featureSetId: string, columns: string) =>
      appendMetadata(bytesOf('xgboost'), { [FEATURE_SET_KEY]: featureSetId, [COLUMNS_KEY]: columns });
    const silent = { ...WISHES, trainedOn: undefined };
    const onnx = await asSnapshotFile(saying('fs-1', 'a,b,c'), 'model', { ...silent, columns: ['b', 'a', 'c'] });
    expectClose(
      await answers(
        onnx,
        rows.map(([a, b, c]) => [b!, a!, c!]),
      ),
      predictions['xgboost']!,
    );
    await expect(asSnapshotFile(saying('fs-2', 'a,b,c'), 'model', silent)).rejects.toThrow(
      /trained on feature set fs-2, this configuration computes fs-1/,
    );
    await expect(asSnapshotFile(saying('fs-1', 'a,b,q'), 'model', silent)).rejects.toThrow(
      /columns that the feature set does not have \(q\)/,
    );
  });

  test('of a snapshot is published byte for byte', async () => {
    const once = await asSnapshotFile(bytesOf('torch-logit'), 'model', { ...WISHES, outputKind: 'logit' });
    expect(await asSnapshotFile(once, 'model', WISHES)).toBe(once);
  });
});

describe('a model that is of no use is refused with the remedy', () => {
  test.each<[why: string, name: string, wishes: Partial<ModelWishes>, message: RegExp]>([
    ['does not say what it was trained on', 'lightgbm', { trainedOn: undefined }, /--feature-set fs-1/],
    ['was trained on another feature set', 'lightgbm', { trainedOn: 'fs-2' }, /train it on rows of fs-1/],
    ['takes another number of columns', 'lightgbm', { columns: ['a', 'b'] }, /takes 3 columns, .* has 2: .*--columns/],
    ['names fewer columns than it takes', 'lightgbm', { takes: ['a', 'b'] }, /takes 3 columns and names 2/],
    ['answers maps (LightGBM)', 'lightgbm-zipmap', {}, /sequence of maps \(ZipMap\).*zipmap=False/],
    ['answers maps (scikit-learn)', 'sklearn-zipmap', {}, /sequence of maps \(ZipMap\).*options=\{"zipmap": False\}/],
    ['has an input a column', 'many-inputs', {}, /has 3 inputs \(c0, c1, c2\): convert it with one input/],
    ['has three classes', 'torch-three', {}, /3 numbers a row/],
    ['takes one row at a time', 'torch-one-row', {}, /exactly 1 row at a time: .*dynamic_axes/],
    ['keeps its weights in another file', 'torch-elsewhere', {}, /file beside it: .*external_data=False/],
    ['has no such output', 'lightgbm', { output: 'odds' }, /no float output odds, only label, probabilities/],
  ])('%s', async (_, name, wishes, message) => {
    const refused = asSnapshotFile(bytesOf(name), 'mine.onnx', { ...WISHES, ...wishes });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: 'model-refused', details: { file: 'mine.onnx' } });
  });

  test.each([
    ['is empty', new Uint8Array(0)],
    ['is a text', new TextEncoder().encode('tree\nversion=v4\nnum_class=1\n')],
    ['is a pickle', Uint8Array.of(0x80, 4, 0x95, 1, 0, 0, 0, 0, 0, 0, 0)],
    ['is cut', bytesOf('lightgbm').subarray(0, 900)],
    ['is a zip, as PyTorch saves', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0)],
  ])('%s', async (_, bytes) => {
    await expect(asSnapshotFile(bytes, 'mine.txt', WISHES)).rejects.toMatchObject({ code: 'model-refused' });
  });
});
