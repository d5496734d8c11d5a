import { auc } from '../metrics/auc.js';
import { entropy, logLosses, mean } from '../metrics/log-loss.js';
import { pairedBound, Z_95 } from '../promote/paired-bound.js';
import { aucDifference } from './delong.js';
import { intervalOf, type PairDifference } from './interval.js';
import type { Comparison, ProofVerdict } from './proof.js';

/** Two models of one pair on the rows that judge them, one entry a row. */
export interface PairPredictions {
  readonly curated: Float32Array;
  readonly uniform: Float32Array;
  /** 0 or 1. */
  readonly labels: Uint8Array;
}

/** What one pair measured of one metric. */
interface PairFigures extends PairDifference {
  readonly curated: number;
  readonly uniform: number;
}

/** Area under the ROC curve of one pair. */
export function aucFigures({ curated, uniform, labels }: PairPredictions): PairFigures {
  const { aucs, difference, variance } = aucDifference(curated, uniform, labels);
  return { curated: aucs[0], uniform: aucs[1], difference, variance };
}

/**
 * Normalised entropy of one pair.
 * @param baseRate of all rows that judge, not of this half alone: the unit must not differ between pairs
 */
export function entropyFigures({ curated, uniform, labels }: PairPredictions, baseRate: number): PairFigures {
  const base = entropy(baseRate);
  const [ofCurated, ofUniform] = [logLosses(curated, labels), logLosses(uniform, labels)];
  const bound = pairedBound(ofUniform, ofCurated);
  return {
    curated: mean(ofCurated) / base,
    uniform: mean(ofUniform) / base,
    difference: -bound.mean / base,
    variance: ((bound.mean - bound.lower) / Z_95 / base) ** 2,
  };
}

/** Joins the figures of all pairs. */
export function compare(figures: readonly PairFigures[], champion: number | null): Comparison {
  return {
    curated: mean(figures.map(({ curated }) => curated)),
    uniform: mean(figures.map(({ uniform }) => uniform)),
    champion,
    difference: intervalOf(figures),
  };
}

/** AUC and normalised entropy of the champion on all rows that judge. */
export function championFigures(probabilities: Float32Array, labels: Uint8Array): { auc: number; entropy: number } {
  const base = entropy(mean(labels));
  return { auc: auc(probabilities, labels), entropy: mean(logLosses(probabilities, labels)) / base };
}

/** What the two intervals say. */
export function verdictOf(ofAuc: Comparison, ofEntropy: Comparison): ProofVerdict {
  if (ofAuc.difference.upper < 0 || ofEntropy.difference.lower > 0) return 'worse';
  if (ofAuc.difference.lower > 0 || ofEntropy.difference.upper < 0) return 'better';
  return 'no-difference';
}
