import { gathered } from '../../bundle/bundle.js';
import { JUDGED, type HeldBundle, type JudgedBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import type { Model, ModelLoader } from '../../ports/model.js';
import type { Trainer } from '../../ports/trainer.js';
import { areProbabilities, predictAudit } from '../evaluate/predict-rows.js';
import { fitRequest } from '../fit/request.js';
import { positivesOf } from '../metrics/labels.js';
import { mean } from '../metrics/log-loss.js';
import { aucFigures, championFigures, compare, entropyFigures, verdictOf, type PairPredictions } from './conclude.js';
import { commonPeriod, pairOf, type Pair } from './halves.js';
import type { CurationProof } from './proof.js';

/** What a proof is made from. */
export interface ProofCase {
  readonly audit: HeldBundle;
  readonly training: HeldBundle;
  /** The snapshot that scores now. */
  readonly champion: Model | undefined;
  readonly retrain: Config['retrain'];
  readonly trainer: Pick<Trainer, 'fit'>;
  readonly loader: ModelLoader;
  readonly featureSetId: string;
}

/**
 * Fits the learner on curated and on uniform rows, as many of each, pair by pair and one fit at a time, so that a
 * champion's fit waits for one small fit at the most; compares them on audit rows that neither was trained on. The models
 * are never published.
 * Says `not-enough-data` when the audit slice holds too few positives or a part of it one class only. Throws what trainer
 * and loader throw, `fit-failed` for a model that predicts no probabilities, and the signal's reason when aborted.
 */
export async function prove(given: ProofCase, signal: AbortSignal): Promise<CurationProof> {
  signal.throwIfAborted();
  const { audit, training, champion, retrain } = given;
  const { minPositives, repeats } = retrain.proof;
  const period = commonPeriod(audit, training);
  const judging = gathered(JUDGED, audit, period.audit);
  const positives = positivesOf(judging.labels);
  const enough = { auditRows: judging.rowCount, positives, minPositives };
  if (positives < minPositives) return { status: 'not-enough-data', ...enough };
  const predictions: PairPredictions[] = [];
  let rows = 0;
  for (let number = 0; number < 2 * repeats; number++) {
    const pair = pairOf(number, period, audit.draws, training.draws);
    if (!hasBothClasses(pair, audit, training)) return { status: 'not-enough-data', ...enough };
    rows += pair.uniform.length / (2 * repeats);
    predictions.push(await predicted(given, pair, number, signal));
  }
  const present = champion && championFigures(await predictAudit(champion, judging, signal), judging.labels);
  const auc = compare(predictions.map(aucFigures), present?.auc ?? null);
  const baseRate = mean(judging.labels);
  const normalisedEntropy = compare(
    predictions.map((one) => entropyFigures(one, baseRate)),
    present?.entropy ?? null,
  );
  return {
    status: 'proved',
    verdict: verdictOf(auc, normalisedEntropy),
    rows: Math.round(rows),
    pairs: predictions.length,
    auditRows: judging.rowCount,
    positives,
    auc,
    normalisedEntropy,
  };
}

async function predicted(given: ProofCase, pair: Pair, number: number, signal: AbortSignal): Promise<PairPredictions> {
  const judges = gathered(JUDGED, given.audit, pair.judges);
  const curated = await predictionsOf(given, gathered(JUDGED, given.training, pair.curated), judges, number, signal);
  const uniform = await predictionsOf(given, gathered(JUDGED, given.audit, pair.uniform), judges, number, signal);
  return { curated, uniform, labels: judges.labels };
}

async function predictionsOf(
  { retrain, trainer, loader, featureSetId }: ProofCase,
  rows: JudgedBundle,
  judges: JudgedBundle,
  number: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  // Another seed for each pair: what the learner's own draws do belongs into the interval, too.
  const { onnx } = await trainer.fit({ ...fitRequest(retrain, rows), seed: retrain.seed + number }, signal);
  const model = await loader.load(onnx, `proof-${number}`, featureSetId);
  try {
    const probabilities = await predictAudit(model, judges, signal);
    if (areProbabilities(probabilities)) return probabilities;
  } finally {
    await model.close();
  }
  const why = 'it predicts something that is not a probability';
  throw new SluiceError('fit-failed', { learner: retrain.learner, rows: rows.rowCount, why });
}

/** Two of each class in each part: a variance of one is none. */
function hasBothClasses({ uniform, curated, judges }: Pair, audit: JudgedBundle, training: JudgedBundle): boolean {
  const parts: [Uint32Array, Uint8Array][] = [
    [uniform, audit.labels],
    [curated, training.labels],
    [judges, audit.labels],
  ];
  return parts.every(([rows, labels]) => {
    const positives = rows.reduce((sum, row) => sum + labels[row]!, 0);
    return positives >= 2 && rows.length - positives >= 2;
  });
}
