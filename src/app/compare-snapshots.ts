import { onnxModelLoader } from '../adapters/onnx/model.js';
import type { HeldBundle } from '../bundle/sample.js';
import { SluiceError } from '../errors.js';
import { evaluate } from '../learn/evaluate/evaluation.js';
import { areProbabilities, predictAudit } from '../learn/evaluate/predict-rows.js';
import { logLosses } from '../learn/metrics/log-loss.js';
import { pairedBound, type PairedBound } from '../learn/promote/paired-bound.js';
import { aucDifference } from '../learn/proof/delong.js';
import type { Evaluation, Snapshot } from '../snapshot/index.js';

/** Two snapshots beside each other. */
export interface Comparison {
  readonly versions: readonly [string, string];
  readonly columns: {
    readonly onlyFirst: readonly string[];
    readonly onlySecond: readonly string[];
    /** Both have the same columns in another order. */
    readonly isReordered: boolean;
  };
  /** Columns whose share of the gain differs most, largest difference first; shares in [0,1], null when unknown. */
  readonly gain: readonly { readonly column: string; readonly first: number | null; readonly second: number | null }[];
  /** On the same audit rows; null where there are none of their feature set. */
  readonly audit: OnAudit | null;
}

/** What both predict for the same audit rows. */
export interface OnAudit {
  readonly rows: number;
  readonly first: Evaluation;
  readonly second: Evaluation;
  /** AUC of the second − first, with its one-sided 95 % bounds; null where one class is missing. */
  readonly aucDifference: { readonly mean: number; readonly lower: number; readonly upper: number } | null;
  /** Log loss of the first − second, nats a row: positive, the second is better. */
  readonly lossGain: PairedBound;
  readonly predictions: {
    /** Mean and largest |second − first|. */
    readonly meanGap: number;
    readonly mostGap: number;
    /** Share of the rows that are apart by more than a hundredth. */
    readonly apartShare: number;
  };
}

/** Columns of the gain that are told. */
const TOLD_COLUMNS = 10;
const Z_95 = 1.645;

/**
 * Compares two snapshots by columns, gain, metrics and predictions on the same audit rows.
 * Throws `snapshot-refused` for a model that answers something other than probabilities.
 * @param audit rows of their feature set; ignored where theirs differ
 */
export async function compareSnapshots(first: Snapshot, second: Snapshot, audit: HeldBundle): Promise<Comparison> {
  const [a, b] = [first.manifest, second.manifest];
  const isComparable = a.featureSetId === b.featureSetId && audit.rowCount > 0;
  return {
    versions: [a.version, b.version],
    columns: {
      onlyFirst: a.columns.filter((column) => !b.columns.includes(column)),
      onlySecond: b.columns.filter((column) => !a.columns.includes(column)),
      isReordered:
        [...a.columns].sort().join() === [...b.columns].sort().join() && a.columns.join() !== b.columns.join(),
    },
    gain: gainOf(first, second),
    audit: isComparable ? await onAudit(first, second, audit) : null,
  };
}

function gainOf({ manifest: a }: Snapshot, { manifest: b }: Snapshot): Comparison['gain'] {
  const shareOf = (of: typeof a, column: string): number | null => of.gain[of.columns.indexOf(column)] ?? null;
  const apart = ({ first, second }: Comparison['gain'][number]): number => Math.abs((first ?? 0) - (second ?? 0));
  return [...new Set([...a.columns, ...b.columns])]
    .map((column) => ({ column, first: shareOf(a, column), second: shareOf(b, column) }))
    .filter((row) => apart(row) > 0)
    .sort((left, right) => apart(right) - apart(left))
    .slice(0, TOLD_COLUMNS);
}

async function onAudit(first: Snapshot, second: Snapshot, audit: HeldBundle): Promise<OnAudit> {
  const [of, to] = [await predictionsOf(first, audit), await predictionsOf(second, audit)];
  const { labels, rowCount } = audit;
  const { difference, variance } = aucDifference(to, of, labels);
  const half = Z_95 * Math.sqrt(variance);
  const gaps = of.map((value, at) => Math.abs(to[at]! - value));
  return {
    rows: rowCount,
    first: evaluate(audit, of),
    second: evaluate(audit, to),
    aucDifference: Number.isFinite(difference + half)
      ? { mean: difference, lower: difference - half, upper: difference + half }
      : null,
    lossGain: pairedBound(logLosses(of, labels), logLosses(to, labels)),
    predictions: {
      meanGap: gaps.reduce((sum, gap) => sum + gap, 0) / rowCount,
      mostGap: gaps.reduce((most, gap) => Math.max(most, gap), 0),
      apartShare: gaps.filter((gap) => gap > 0.01).length / rowCount,
    },
  };
}

async function predictionsOf({ manifest, onnx }: Snapshot, audit: HeldBundle): Promise<Float32Array> {
  const { version, featureSetId } = manifest;
  const model = await onnxModelLoader().load(onnx, version, featureSetId);
  try {
    const predicted = await predictAudit(model, audit);
    if (areProbabilities(predicted)) return predicted;
    throw new SluiceError('snapshot-refused', { version, why: 'it predicts something that is not a probability' });
  } finally {
    await model.close();
  }
}
