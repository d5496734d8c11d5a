/** One bin of a reliability diagram: samples of neighbouring predictions. */
export interface ReliabilityBin {
  readonly sampleCount: number;
  /** Mean prediction, in [0,1]. */
  readonly meanPrediction: number;
  /** Share of the samples with label 1, in [0,1]. */
  readonly positiveShare: number;
}

/** How well predictions were calibrated on rows that no calibration was fitted on. null where undefined. */
export interface CalibrationFigures {
  /** Mean log loss, nats. */
  readonly logLoss: number | null;
  /** Σp̂ / Σy. */
  readonly calibration: number | null;
  readonly expectedCalibrationError: number | null;
}

/** What was done to a model's predictions after the fit: its file has it inside. */
export interface Calibration {
  /** `platt`: log-odds of every member became slope · z + intercept; `identity`: left as they were. */
  readonly method: 'platt' | 'identity';
  /** Why, in a sentence. */
  readonly reason: string;
  /** 1 for the identity. */
  readonly slope: number;
  /** 0 for the identity. */
  readonly intercept: number;
  /** Audit rows it was fitted on, the older part of the window; 0 when none was fitted. */
  readonly rows: number;
  readonly positives: number;
  /** Event time of the newest of them, epoch milliseconds: rows up to there judge nothing. null for the identity. */
  readonly untilMs: number | null;
  /** Audit rows that `before` and `after` are of: newer than all that it was fitted on. */
  readonly heldOutRows: number;
  readonly heldOutPositives: number;
  /** null when no calibration was fitted. */
  readonly before: CalibrationFigures | null;
  /** With what was fitted, kept or not. */
  readonly after: CalibrationFigures | null;
}

/** The record of predictions that were left as they were. */
export function notCalibrated(reason: string): Calibration {
  return {
    method: 'identity',
    reason,
    slope: 1,
    intercept: 0,
    rows: 0,
    positives: 0,
    untilMs: null,
    heldOutRows: 0,
    heldOutPositives: 0,
    before: null,
    after: null,
  };
}
