import { rowsBetween } from '../../bundle/bundle.js';
import { STREAM } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { evaluate } from '../../learn/evaluate/evaluation.js';
import { predictAudit } from '../../learn/evaluate/predict-rows.js';
import { rankingMetrics, type RankingMetrics } from '../../learn/metrics/ranking.js';
import { rateOffset } from '../../pipeline/select/sampling-rates.js';
import type { ModelLoader } from '../../ports/model.js';
import type { LearnerName } from '../../learn/learners/index.js';
import type { Trainer } from '../../ports/trainer.js';
import type { Evaluation } from '../../snapshot/manifest.js';
import { resample, type Resampled, type Resamples } from './bootstrap.js';
import { keptRows, type Kept } from './kept-rows.js';
import type { Correction } from './policies.js';
import type { Samples } from './samples.js';

/** A model trained on what a policy kept, judged on all samples of the test part. */
export interface Judgement {
  readonly consumer: LearnerName;
  readonly correction: Correction;
  readonly rows: number;
  readonly positives: number;
  readonly evaluation: Evaluation;
  readonly resampled: Resampled;
  /** Of the lists of the test part. */
  readonly ranking: RankingMetrics;
}

export interface JudgeDeps {
  readonly config: Config;
  readonly trainer: Trainer;
  readonly loader: ModelLoader;
  readonly resamples: Resamples;
  readonly signal: AbortSignal;
}

/**
 * Fits one consumer on the kept samples and judges it on every sample from `testFrom` on, on the stream as it came; null when
 * one label is missing.
 */
export async function judgeConsumer(
  samples: Samples,
  testFrom: number,
  kept: Kept,
  how: { readonly consumer: LearnerName; readonly correction: Correction; readonly seed: number },
  { config, trainer, loader, resamples, signal }: JudgeDeps,
): Promise<Judgement | null> {
  const { consumer, correction, seed } = how;
  const training = keptRows(samples, kept, correction);
  const positives = training.labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === training.rowCount) return null;
  const { onnx } = await trainer.fit({ learner: consumer, training, seed, settings: config.retrain[consumer] }, signal);
  const model = await loader.load(onnx, 'consumer', '');
  try {
    const test = rowsBetween(STREAM, samples, testFrom, samples.rowCount);
    const offsets = Float32Array.from({ length: test.rowCount }, (_, i) => rateOffset(test, i));
    const probabilities = await predictAudit(model, { ...test, offsets }, signal);
    return {
      consumer,
      correction,
      rows: training.rowCount,
      positives,
      evaluation: evaluate(test, probabilities),
      ranking: rankingMetrics(probabilities, test.labels, test.timesMs, test.sessions),
      resampled: resample(probabilities, test.labels, test.sessions, resamples),
    };
  } finally {
    await model.close();
  }
}
