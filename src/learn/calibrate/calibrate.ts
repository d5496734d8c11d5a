import type { TimedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import type { Model, ModelLoader } from '../../ports/model.js';
import type { CalibratedModel, FittedModel, Trainer } from '../../ports/trainer.js';
import { notCalibrated, type Calibration, type CalibrationFigures } from '../../snapshot/calibration.js';
import { areProbabilities, predictAudit, predictMembers } from '../evaluate/predict-rows.js';
import { calibration as ratio, expectedCalibrationError } from '../metrics/calibration.js';
import { finiteOrNull } from '../metrics/finite.js';
import { positivesOf } from '../metrics/labels.js';
import { logLosses, mean } from '../metrics/log-loss.js';
import { rowsAfter, splitByTime } from './split.js';

/** What a candidate is calibrated with, and on. */
export interface CalibrationCase {
  readonly settings: Config['retrain']['calibration'];
  readonly trainer: Pick<Trainer, 'calibrate'>;
  readonly loader: ModelLoader;
  readonly featureSetId: string;
  /** Everything in the audit window, oldest first. */
  readonly audit: TimedBundle;
  /** The champion's calibration; nothing before the first and for one that was never calibrated. */
  readonly champion: Calibration | null | undefined;
}

/** A candidate as it will be published. */
export interface Calibrated {
  /** The bytes as they were for the identity. */
  readonly onnx: Uint8Array;
  readonly calibration: Calibration;
  /** The rows that may judge it, and the champion: newer than all that either was calibrated on. */
  readonly judging: TimedBundle;
}

/**
 * Recalibrates a candidate on the older half of the audit window, and keeps that if its log loss on the newer half is lower;
 * otherwise the candidate stays as it is. Only rows that no calibration was fitted on are left to judge with, and the newer
 * half alone once a calibration was tried, kept or not. Throws what loading and predicting throw, and AbortError.
 */
export async function calibrate(
  fitted: FittedModel,
  { settings, trainer, loader, featureSetId, audit, champion }: CalibrationCase,
  signal?: AbortSignal,
): Promise<Calibrated> {
  const championUntilMs = champion?.untilMs ?? null;
  const asItIs = (reason: string): Calibrated => ({
    onnx: fitted.onnx,
    calibration: notCalibrated(reason),
    judging: rowsAfter(audit, championUntilMs),
  });
  if (settings.method === 'none') return asItIs('retrain.calibration.method = none');
  if (!trainer.calibrate) return asItIs('the trainer cannot calibrate');
  const { older, newer, untilMs } = splitByTime(audit);
  const counts = [older, newer].map(({ labels }) => positivesOf(labels));
  if (counts.some((positives) => positives < settings.minPositives))
    return asItIs(
      `too few audit rows: ${counts[0]} positives in the older half and ${counts[1]} in the newer one, retrain.calibration.minPositives = ${settings.minPositives}`,
    );
  const load = (onnx: Uint8Array): Promise<Model> => loader.load(onnx, 'candidate', featureSetId);
  const tried = await withModel(load(fitted.onnx), async (plain) => {
    const { members } = await predictMembers(plain, older, signal);
    const { memberCount } = plain;
    const { labels, offsets } = older;
    const request = { onnx: fitted.onnx, columnCount: audit.columnCount, memberCount, members, labels, offsets };
    const model = await trainer.calibrate!(request, signal);
    return model && { model, before: await predictAudit(plain, newer, signal) };
  });
  if (!tried) return asItIs('no rising line fits its predictions, or its graph is not one that Sluice wrote');
  const { model, before } = tried;
  const after = await withModel(load(model.onnx), (bent) => predictAudit(bent, newer, signal));
  const judging = rowsAfter(newer, championUntilMs);
  const record = recordOf(model, before, after, { older, newer, untilMs });
  return { onnx: record.method === 'platt' ? model.onnx : fitted.onnx, calibration: record, judging };
}

function recordOf(
  { slope, intercept }: CalibratedModel,
  before: Float32Array,
  after: Float32Array,
  { older, newer, untilMs }: ReturnType<typeof splitByTime>,
): Calibration {
  const figures = [before, after].map((probabilities) => figuresOf(probabilities, newer.labels));
  const [lossBefore, lossAfter] = figures.map(({ logLoss }) => logLoss ?? Infinity);
  const isBetter = areProbabilities(after) && lossAfter! < lossBefore!;
  return {
    method: isBetter ? 'platt' : 'identity',
    reason: isBetter
      ? 'lower log loss on the newer half of the audit window'
      : `slope ${slope.toFixed(4)}, intercept ${intercept.toFixed(4)} did no better on the newer half of the audit window`,
    slope: isBetter ? slope : 1,
    intercept: isBetter ? intercept : 0,
    rows: older.rowCount,
    positives: positivesOf(older.labels),
    untilMs: isBetter ? untilMs : null,
    heldOutRows: newer.rowCount,
    heldOutPositives: positivesOf(newer.labels),
    before: figures[0]!,
    after: figures[1]!,
  };
}

function figuresOf(probabilities: Float32Array, labels: Uint8Array): CalibrationFigures {
  return {
    logLoss: finiteOrNull(mean(logLosses(probabilities, labels))),
    calibration: finiteOrNull(ratio(probabilities, labels)),
    expectedCalibrationError: finiteOrNull(expectedCalibrationError(probabilities, labels)),
  };
}

async function withModel<T>(loading: Promise<Model>, use: (model: Model) => Promise<T>): Promise<T> {
  const model = await loading;
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}
