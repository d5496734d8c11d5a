import type { LinearPredictor, Predictor, TreeEnsemble } from '../../ports/learner.js';
import type { CalibrationRequest, Recalibration } from '../../ports/trainer.js';
import { readPredictor } from './reader/index.js';
import { predictorGraph, writeOnnx } from './writer/index.js';

/** Members' probabilities are held this far from 0 and 1 before their log-odds are taken. */
const PROBABILITY_FLOOR = 1e-7;

/**
 * The ONNX file of the same predictor with the log-odds of every member recalibrated, slope and intercept in its metadata.
 * They are folded into the numbers that are there (leaves, weights, intercepts), so the file has the same graph, costs no
 * more to run, and whoever reads it back finds paths that add up to the calibrated prediction.
 * undefined when the file is not one that Sluice wrote.
 */
export function calibratedOnnx(
  { onnx, columnCount, memberCount }: Pick<CalibrationRequest, 'onnx' | 'columnCount' | 'memberCount'>,
  recalibration: Recalibration,
): Uint8Array | undefined {
  const read = readPredictor(onnx, columnCount, memberCount);
  const predictor = read && calibratedPredictor(read, recalibration);
  if (!predictor) return undefined;
  const { slope, intercept } = recalibration;
  return writeOnnx(predictorGraph(predictor), {
    'sluice.calibration.method': 'platt',
    'sluice.calibration.slope': String(slope),
    'sluice.calibration.intercept': String(intercept),
  });
}

/** The predictor whose members have slope · z + intercept for log-odds z; undefined when no predictor of that kind has. */
export function calibratedPredictor(predictor: Predictor, recalibration: Recalibration): Predictor | undefined {
  if (predictor.kind === 'linear') return calibratedLinear(predictor, recalibration);
  return predictor.link === 'logistic'
    ? calibratedMargins(predictor, recalibration)
    : calibratedLeaves(predictor, recalibration);
}

function calibratedLinear(predictor: LinearPredictor, { slope, intercept }: Recalibration): LinearPredictor {
  return {
    ...predictor,
    weights: predictor.weights.map((weight) => slope * weight),
    missingWeights: predictor.missingWeights.map((weight) => slope * weight),
    intercept: predictor.intercept.map((own) => slope * own + intercept),
  };
}

function calibratedMargins(trees: TreeEnsemble, { slope, intercept }: Recalibration): TreeEnsemble {
  return {
    ...trees,
    value: trees.value.map((value) => slope * value),
    base: trees.base.map((base) => slope * base + intercept),
  };
}

/** A member that is one tree of probabilities stays one: each of its leaves is a prediction of its own. */
function calibratedLeaves(trees: TreeEnsemble, { slope, intercept }: Recalibration): TreeEnsemble | undefined {
  const { roots, memberOfTree, column, base } = trees;
  if (new Set(memberOfTree).size !== roots.length) return undefined;
  const value = Float32Array.from(trees.value);
  roots.forEach((root, tree) => {
    for (let node = root; node < (roots[tree + 1] ?? column.length); node++) {
      if (column[node]! >= 0) continue;
      const p = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, value[node]! + base[memberOfTree[tree]!]!));
      value[node] = 1 / (1 + Math.exp(-(slope * Math.log(p / (1 - p)) + intercept)));
    }
  });
  return { ...trees, value, base: new Float32Array(base.length) };
}
