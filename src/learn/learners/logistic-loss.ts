import type { TrainingRows } from '../../ports/trainer.js';
import type { DesignMatrix } from './design-matrix.js';
import { sigmoid } from './intercept.js';

/** What the loss needs of the rows. */
export type Targets = Pick<TrainingRows, 'labels' | 'weights' | 'offsets'>;

/** The log-odds of a row: parameters are the weights of the design's columns, then the intercept. */
export function marginOf(design: DesignMatrix, row: number, parameters: Float64Array): number {
  const { values, width } = design;
  let z = parameters[width]!;
  for (let c = 0, at = row * width; c < width; c++, at++) z += values[at]! * parameters[c]!;
  return z;
}

/** Adds scale · (row, 1) to a gradient. */
export function addRow(design: DesignMatrix, row: number, scale: number, gradient: Float64Array): void {
  const { values, width } = design;
  for (let c = 0, at = row * width; c < width; c++, at++) gradient[c]! += scale * values[at]!;
  gradient[width]! += scale;
}

/** Weighted mean log loss with offsets; fills `gradient` (width + 1) when given. */
export function meanLoss(
  design: DesignMatrix,
  { labels, weights, offsets }: Targets,
  parameters: Float64Array,
  gradient?: Float64Array,
): number {
  gradient?.fill(0);
  let loss = 0;
  for (let i = 0; i < design.rowCount; i++) {
    const z = marginOf(design, i, parameters) + offsets[i]!;
    const w = weights[i]! / design.rowCount;
    loss += w * (Math.max(0, z) + Math.log1p(Math.exp(-Math.abs(z))) - labels[i]! * z);
    if (gradient) addRow(design, i, w * (sigmoid(z) - labels[i]!), gradient);
  }
  return loss;
}
