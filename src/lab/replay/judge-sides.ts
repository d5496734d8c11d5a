import { onnxModelLoader } from '../../adapters/onnx/model.js';
import type { Config } from '../../config/schema.js';
import { predictAudit } from '../../learn/evaluate/predict-rows.js';
import { fitRequest, type FitSettings } from '../../learn/fit/request.js';
import { auc } from '../../learn/metrics/auc.js';
import { calibration } from '../../learn/metrics/calibration.js';
import { normalisedEntropy } from '../../learn/metrics/log-loss.js';
import type { Trainer } from '../../ports/trainer.js';
import { drawResamples, resample, type Resampled } from '../evaluate/bootstrap.js';
import { chosen, type ComparedRows } from './side-rows.js';

/** A number with its 95 % interval. */
export interface Judged {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

export type MetricName = 'auc' | 'normalisedEntropy' | 'calibration';

/** Two models on the same rows; intervals over the draw of sessions. null: a side has no answer, or the rows are of one class. */
export type Contest = Readonly<
  Record<MetricName, { readonly a: Judged; readonly b: Judged; readonly difference: Judged }>
> & { readonly rows: number; readonly positives: number };

/** The audit rows that both sides have, and where on each. */
export interface CommonRows {
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Resamples of the sessions behind every interval. */
const RESAMPLES = 200;
/** Share of the common rows, oldest first, before which kept rows are trained on. */
const TRAIN_SHARE = 2 / 3;
const SEED = 1;
const Z = 1.96;

/** Common rows, oldest first. */
export function commonOf(a: ComparedRows, b: ComparedRows): CommonRows {
  const places = new Map(Array.from(b.sampleKeys, (key, at) => [key, at] as const));
  const inA = Array.from(a.sampleKeys, (_, at) => at).filter((at) => places.has(a.sampleKeys[at]!));
  return { a: inA, b: inA.map((at) => places.get(a.sampleKeys[at]!)!) };
}

/** What the champions said of the common rows before their outcomes were known, where both had one. */
export function asScored(a: ComparedRows, b: ComparedRows, common: CommonRows): Contest | null {
  const both = common.a
    .map((_, at) => at)
    .filter((at) => {
      return !Number.isNaN(a.predictions[common.a[at]!]!) && !Number.isNaN(b.predictions[common.b[at]!]!);
    });
  const rows = chosen(
    a,
    both.map((at) => common.a[at]!),
  );
  const ofB = chosen(
    b,
    both.map((at) => common.b[at]!),
  );
  return contest(rows, rows.predictions, ofB.predictions);
}

/** A model of the same learner trained on what each side had kept by two thirds, judged on the common rows after that. */
export interface Trained {
  readonly splitMs: number;
  readonly a: { readonly rows: number; readonly positives: number };
  readonly b: { readonly rows: number; readonly positives: number };
  readonly contest: Contest | null;
}

export async function trainedOnKept(
  audits: readonly [ComparedRows, ComparedRows],
  kept: readonly [ComparedRows, ComparedRows],
  common: CommonRows,
  deps: { readonly retrain: FitSettings & Config['retrain']; readonly trainer: Trainer; readonly signal: AbortSignal },
): Promise<Trained | null> {
  const from = Math.floor(common.a.length * TRAIN_SHARE);
  if (common.a.length === 0) return null;
  const splitMs = audits[0].timesMs[common.a[from]!]!;
  const tests = [common.a.slice(from), common.b.slice(from)] as const;
  const answers: (Float32Array | null)[] = [];
  const trained: { rows: number; positives: number }[] = [];
  for (const side of [0, 1] as const) {
    const before = Array.from(kept[side].timesMs.keys()).filter((at) => kept[side].timesMs[at]! < splitMs);
    const training = chosen(kept[side], before);
    const positives = training.labels.reduce((sum, label) => sum + label, 0);
    trained.push({ rows: training.rowCount, positives });
    const isOfUse = positives > 0 && positives < training.rowCount;
    answers.push(isOfUse ? await answered(training, chosen(audits[side], tests[side]), deps) : null);
  }
  const [ofA, ofB] = answers;
  const rows = chosen(audits[0], tests[0]);
  return { splitMs, a: trained[0]!, b: trained[1]!, contest: ofA && ofB ? contest(rows, ofA, ofB) : null };
}

async function answered(
  training: ReturnType<typeof chosen>,
  test: ReturnType<typeof chosen>,
  { retrain, trainer, signal }: Parameters<typeof trainedOnKept>[3],
): Promise<Float32Array> {
  const { onnx } = await trainer.fit(fitRequest(retrain, training), signal);
  const model = await onnxModelLoader().load(onnx, 'compared', '');
  try {
    return await predictAudit(model, test, signal);
  } finally {
    await model.close();
  }
}

function contest(
  rows: Pick<ComparedRows, 'labels' | 'sessions' | 'rowCount'>,
  ofA: Float32Array,
  ofB: Float32Array,
): Contest | null {
  const { labels, rowCount } = rows;
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === rowCount) return null;
  const [sessions, sessionCount] = numbered(rows.sessions);
  const resamples = drawResamples(sessionCount, RESAMPLES, SEED);
  const [a, b] = [valuesOf(ofA, labels), valuesOf(ofB, labels)];
  const [againA, againB] = [resample(ofA, labels, sessions, resamples), resample(ofB, labels, sessions, resamples)];
  const of = (name: MetricName) => ({
    a: judged(a[name], againA[name]),
    b: judged(b[name], againB[name]),
    difference: judged(b[name] - a[name], gaps(againA, againB, name)),
  });
  return {
    auc: of('auc'),
    normalisedEntropy: of('normalisedEntropy'),
    calibration: of('calibration'),
    rows: rowCount,
    positives,
  };
}

const gaps = (a: Resampled, b: Resampled, name: MetricName): number[] =>
  b[name].map((value, at) => value - a[name][at]!);

function valuesOf(probabilities: Float32Array, labels: Uint8Array): Record<MetricName, number> {
  return {
    auc: auc(probabilities, labels),
    normalisedEntropy: normalisedEntropy(probabilities, labels),
    calibration: calibration(probabilities, labels),
  };
}

/** Session numbers from 0 on without gaps. */
function numbered(sessions: Uint32Array): readonly [Uint32Array, number] {
  const numbers = new Map<number, number>();
  const dense = sessions.map((session) => {
    const number = numbers.get(session) ?? numbers.size;
    numbers.set(session, number);
    return number;
  });
  return [dense, numbers.size];
}

/** Resamples without a positive have no value and are left out. */
function judged(value: number, again: readonly number[]): Judged {
  const known = again.filter(Number.isFinite);
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  const half = Z * Math.sqrt(known.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (known.length - 1));
  return { value, lower: value - half, upper: value + half };
}
