import type { Bundle } from '../bundle/bundle.js';
import type { TRAINING } from '../bundle/sample.js';

/** Rows for a learner: weights are 1/π or ones, offsets log-odds offsets or zeros. */
export type TrainingRows = Bundle<typeof TRAINING>;

/**
 * What a fit leaves: an ONNX graph with input `features` [N, columns] and outputs `probability` [N], `members`
 * [N, memberCount]; of one in two halves also `logit_a`, `logit_b` and `logit` [N].
 */
export interface FittedModel {
  readonly onnx: Uint8Array;
  readonly memberCount: number;
  /** Total gain a column, in column order, summing to 1 (zeros when nothing split). */
  readonly gain: Float64Array;
  readonly fitMs: number;
}

export interface FitRequest {
  /** Name of the learner, as the trainer's table has it. */
  readonly learner: string;
  readonly training: TrainingRows;
  /** Half of each row, 0 or 1; given: it is fitted in two halves, where both have rows enough. */
  readonly folds?: Uint8Array;
  readonly seed: number;
  /** Learner settings of the config, `retrain.<learner>`. */
  readonly settings: Readonly<Record<string, number | boolean | string>>;
}

/** Recalibration of log-odds, the same for every member: z becomes slope · z + intercept. Slope 1 and intercept 0 change nothing. */
export interface Recalibration {
  readonly slope: number;
  readonly intercept: number;
}

/** A fitted model and what it said of rows whose labels are known by now, none of which it was fitted on. */
export interface CalibrationRequest {
  readonly onnx: Uint8Array;
  readonly columnCount: number;
  readonly memberCount: number;
  /** Probabilities of the members, rows × memberCount, row-major. */
  readonly members: Float32Array;
  /** 0 or 1, one entry a row. */
  readonly labels: Uint8Array;
  /** Log-odds offset of each row's probability in the stream that its label comes from; absent: 0. */
  readonly offsets?: Float32Array | undefined;
}

/** The same model with its log-odds bent inside the ONNX graph. */
export interface CalibratedModel extends Recalibration {
  readonly onnx: Uint8Array;
}

/** Fits away from the event loop. */
export interface Trainer {
  /** Rejects with `fit-failed` (learner, rows and reason in the message) or AbortError. */
  fit(request: FitRequest, signal?: AbortSignal): Promise<FittedModel>;
  /**
   * Fits a recalibration and writes the model anew with it. Resolves with null when the graph is not one that Sluice wrote, or
   * when no rising line fits. A trainer without it leaves models as they are.
   */
  calibrate?(request: CalibrationRequest, signal?: AbortSignal): Promise<CalibratedModel | null>;
  close(): Promise<void>;
}
