import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import { learnersWith } from '../../../src/learn/learners/index.js';
import { describe, expect, it } from 'vitest';
import { predictWith } from '../../../src/learn/learners/index.js';
import { clickRows, sliceRows } from '../../../src/lab/laws/click-rows.js';
import { normalisedEntropyOf } from '../../../src/lab/laws/judge.js';
import { pythonWith, runPython } from './python.js';

const python = pythonWith('sklearn', 'numpy');
const all = clickRows(16_000, 20, 31, -1.8);
const train = { ...sliceRows(all, 0, 8_000), weights: Float32Array.from({ length: 8_000 }, (_, i) => 1 + (i % 5)) };
const judge = sliceRows(all, 8_000, 16_000);

/** The same columns by scikit-learn's own parts, the elastic net by its own solver. */
const learners = learnersWith(growTree);

const SCRIPT = (l1Ratio: number, penalty: number) => `
import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
X, Z = (np.fromfile(n, dtype=np.float32).reshape(-1, 20).astype(float) for n in ("train.f32", "judge.f32"))
y, w = np.fromfile("labels.u8", dtype=np.uint8), np.fromfile("weights.f32", dtype=np.float32).astype(float)
w = w / w.mean()
squash = FunctionTransformer(lambda A: np.sign(A) * np.log1p(np.abs(A)))
columns = make_union(make_pipeline(squash, StandardScaler(), FunctionTransformer(lambda A: np.clip(A, -8, 8)), SimpleImputer(strategy="constant", fill_value=0)), MissingIndicator())
model = make_pipeline(columns, LogisticRegression(solver="saga", l1_ratio=${l1Ratio}, C=1 / (${penalty} * len(y)), tol=1e-7, max_iter=20000))
model.fit(X, y, logisticregression__sample_weight=w)
model.predict_proba(Z)[:, 1].astype(np.float32).tofile("probability.f32")
`;

function byScikitLearn(l1Ratio: number, penalty: number): Float32Array {
  const files = {
    'train.f32': train.rows,
    'judge.f32': judge.rows,
    'labels.u8': train.labels,
    'weights.f32': train.weights,
  };
  return runPython(python!, SCRIPT(l1Ratio, penalty), files, ['probability.f32'])['probability.f32']!;
}

describe.skipIf(!python)('linear learners against scikit-learn', () => {
  it.each([
    ['ridge', 0, 1e-3],
    ['elastic net', 0.5, 3e-3],
    ['lasso', 1, 3e-3],
  ])('%s predicts what its LogisticRegression predicts', (_, l1Ratio, penalty) => {
    const theirs = byScikitLearn(l1Ratio, penalty);
    const { predictor } = learners.linear(train, { seed: 1, settings: { penalty, l1Ratio } });
    const { probability } = predictWith(predictor, judge.rows, judge.rowCount);
    probability.forEach((p, i) => expect(Math.abs(p - theirs[i]!)).toBeLessThan(1e-3));
  });

  it('the head comes within 1 % of the normalised entropy of its LogisticRegression', () => {
    const theirs = normalisedEntropyOf(byScikitLearn(0, 1e-4), judge.labels);
    const { predictor } = learners.head(train, { seed: 1, settings: {} });
    expect(
      normalisedEntropyOf(predictWith(predictor, judge.rows, judge.rowCount).probability, judge.labels),
    ).toBeLessThan(theirs * 1.01);
  });
});
