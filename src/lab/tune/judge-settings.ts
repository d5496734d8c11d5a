import { gathered, rowsBetween } from '../../bundle/bundle.js';
import { HELD, type HeldBundle, TIMED, type TimedBundle } from '../../bundle/sample.js';
import { SluiceError } from '../../errors.js';
import { areProbabilities, predictAudit } from '../../learn/evaluate/predict-rows.js';
import { fitInHalves, type FitSettings } from '../../learn/fit/request.js';
import { auc } from '../../learn/metrics/auc.js';
import { logLosses, mean, normalisedEntropy } from '../../learn/metrics/log-loss.js';
import type { ModelLoader } from '../../ports/model.js';
import type { Trainer } from '../../ports/trainer.js';

/** Rows to fit on and newer audit rows to judge on. */
export interface Trial {
  /** Rows of the pool before all of `judging`. */
  readonly fitting: HeldBundle;
  readonly judging: TimedBundle;
}

/** What a model of some settings came to. */
export interface SettingsResult {
  readonly rows: number;
  readonly logLoss: number;
  readonly auc: number;
  readonly normalisedEntropy: number;
  readonly fitMs: number;
  /** Of each row that it was judged on, nats. */
  readonly losses: Float64Array;
}

/** A mean difference, with the standard error that the draw of lists gives it. */
export interface Gain {
  readonly mean: number;
  readonly standardError: number;
}

/** The rows of a pool that came before a time, and the audit rows between that and another. */
export function trialOf(pool: HeldBundle, audit: TimedBundle, from: number, to: number): Trial {
  const fromMs = Math.floor(audit.timeKeys[from] ?? Infinity);
  const before = Array.from(pool.timeKeys.keys()).filter((at) => pool.timeKeys[at]! < fromMs);
  return { fitting: gathered(HELD, pool, before), judging: rowsBetween(TIMED, audit, from, to) };
}

/** A share of some rows, by the bits that each row carries for that: the same rows every time, and smaller shares inside larger ones. */
function shareOf(rows: HeldBundle, share: number): HeldBundle {
  if (share >= 1) return rows;
  const below = share * 2 ** 32;
  return gathered(
    HELD,
    rows,
    Array.from(rows.draws.keys()).filter((at) => rows.draws[at]! < below),
  );
}

/**
 * Fits settings as the retrainer would, offsets or weights by the learner and in two halves, and judges what they predict for
 * the audit rows of the trial. null: the fit failed, or predicts no probabilities.
 */
export async function judgeSettings(
  { fitting, judging }: Trial,
  share: number,
  retrain: FitSettings,
  deps: { readonly trainer: Trainer; readonly loader: ModelLoader; readonly signal: AbortSignal },
): Promise<SettingsResult | null> {
  const { trainer, loader, signal } = deps;
  const rows = shareOf(fitting, share);
  try {
    const { onnx, fitMs } = await trainer.fit(fitInHalves(retrain, rows), signal);
    const model = await loader.load(onnx, 'tuned', '');
    try {
      const predicted = await predictAudit(model, judging, signal);
      if (!areProbabilities(predicted)) return null;
      const { labels } = judging;
      const losses = logLosses(predicted, labels);
      return {
        rows: rows.rowCount,
        logLoss: mean(losses),
        auc: auc(predicted, labels),
        normalisedEntropy: normalisedEntropy(predicted, labels),
        fitMs,
        losses,
      };
    } finally {
      await model.close();
    }
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'fit-failed') return null;
    throw thrown;
  }
}

/**
 * How much lower the second losses are, nats a row. The rows of one list (of one event time) are alike, so the standard error
 * is over lists: √Σ(Σ_list d − n_list·d̄)² / N.
 */
export function gainOf(before: Float64Array, after: Float64Array, timeKeys: Float64Array): Gain {
  const count = before.length;
  const difference = mean(before.map((loss, at) => loss - after[at]!));
  const sums = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    const list = Math.floor(timeKeys[at]!);
    sums.set(list, (sums.get(list) ?? 0) + before[at]! - after[at]! - difference);
  }
  const squares = [...sums.values()].reduce((sum, one) => sum + one ** 2, 0);
  return { mean: difference, standardError: Math.sqrt(squares) / count };
}
