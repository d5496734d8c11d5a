import type { LinearPredictor } from '../../ports/learner.js';
import type { TrainingRows } from '../../ports/trainer.js';
import { normalised } from './refill.js';
import { standardised } from './predict-with.js';

/** Rows as a linear predictor sees them. */
export interface DesignMatrix {
  readonly rowCount: number;
  /** Columns, plus one indicator for each column that is missing in some rows and present in others. */
  readonly width: number;
  /** rowCount × width, row-major: standardised values (0 where missing), then indicators of missing. */
  readonly values: Float32Array;
  /** The column each indicator stands for. */
  readonly indicatorOf: Int32Array;
  /** Standard deviation of each indicator. */
  readonly indicatorDeviation: Float64Array;
  readonly centre: Float32Array;
  readonly inverseScale: Float32Array;
}

/**
 * Squashes, standardises and marks missing values, as {@link LinearPredictor} says; a constant column becomes zeros.
 * @param reference rows that mean and deviation are taken over
 */
export function designMatrix(
  { rows, rowCount, columnCount }: TrainingRows,
  reference: Pick<TrainingRows, 'rows' | 'rowCount'> = { rows, rowCount },
): DesignMatrix {
  const centre = new Float32Array(columnCount);
  const inverseScale = new Float32Array(columnCount);
  const indicators: number[] = [];
  const deviations: number[] = [];
  for (let c = 0; c < columnCount; c++) {
    let finite = 0;
    let missing = 0;
    let mean = 0;
    let squares = 0;
    for (let i = 0, at = c; i < reference.rowCount; i++, at += columnCount) {
      const value = reference.rows[at]!;
      if (value !== value) missing++;
      if (!Number.isFinite(value)) continue;
      const squashed = Math.sign(value) * Math.log1p(Math.abs(value));
      finite++;
      const step = squashed - mean;
      mean += step / finite;
      squares += step * (squashed - mean);
    }
    const deviation = Math.sqrt(squares / Math.max(1, finite));
    centre[c] = mean;
    inverseScale[c] = deviation > 1e-6 ? 1 / deviation : 0;
    if (missing === 0 || missing === reference.rowCount) continue;
    indicators.push(c);
    deviations.push(Math.sqrt((missing / reference.rowCount) * (1 - missing / reference.rowCount)));
  }
  const width = columnCount + indicators.length;
  const values = new Float32Array(rowCount * width);
  for (let i = 0; i < rowCount; i++) {
    const out = i * width;
    for (let c = 0; c < columnCount; c++) {
      const value = rows[i * columnCount + c]!;
      if (value === value) values[out + c] = standardised(value, centre[c]!, inverseScale[c]!);
    }
    indicators.forEach((c, j) => {
      if (Number.isNaN(rows[i * columnCount + c]!)) values[out + columnCount + j] = 1;
    });
  }
  const indicatorOf = Int32Array.from(indicators);
  return {
    rowCount,
    width,
    values,
    indicatorOf,
    indicatorDeviation: Float64Array.from(deviations),
    centre,
    inverseScale,
  };
}

/** Weights over the design matrix as a predictor over the raw columns. */
export function linearPredictor(design: DesignMatrix, weights: Float64Array, intercept: number): LinearPredictor {
  const columnCount = design.centre.length;
  const missingWeights = new Float32Array(columnCount);
  design.indicatorOf.forEach((column, j) => (missingWeights[column] = weights[columnCount + j]!));
  return {
    kind: 'linear',
    columnCount,
    memberCount: 1,
    centre: design.centre,
    inverseScale: design.inverseScale,
    weights: Float32Array.from(weights.subarray(0, columnCount)),
    missingWeights,
    intercept: Float32Array.of(intercept),
  };
}

/** Gain of a linear predictor: the share a column, its indicator included, has of Σ |weight| · standard deviation. */
export function linearGain(design: DesignMatrix, weights: Float64Array): Float64Array {
  const columnCount = design.centre.length;
  const gain = Float64Array.from(weights.subarray(0, columnCount), Math.abs);
  design.indicatorOf.forEach(
    (column, j) => (gain[column]! += Math.abs(weights[columnCount + j]!) * design.indicatorDeviation[j]!),
  );
  return normalised(gain);
}
