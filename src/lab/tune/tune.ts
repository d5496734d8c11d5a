import type { Codecs } from '../../adapters/avro/index.js';
import { noMetrics } from '../../adapters/memory/index.js';
import { onnxModelLoader } from '../../adapters/onnx/model.js';
import { createTrainer } from '../../adapters/threads/trainer.js';
import { createHash32 } from '../../adapters/xxhash/index.js';
import { describeFeatures } from '../../app/describe.js';
import { withRecordedEncoder } from '../../app/encoder-choice.js';
import type { HeldBundle } from '../../bundle/sample.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { isOwnName } from '../../events/own-name.js';
import { LEARNERS, type LearnerName } from '../../learn/learners/index.js';
import { createIntake } from '../../learn/intake.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Transport } from '../../ports/transport.js';
import { climb, type Climbed, rungsOf } from './halving.js';
import { type Gain, gainOf, judgeSettings, type SettingsResult, type Trial, trialOf } from './judge-settings.js';
import { drawSettings, isSearched, type Settings } from './space.js';

/** Settings of a learner that are tried. */
export interface Candidate {
  readonly learner: LearnerName;
  readonly settings: Settings;
}

/** What is tuned, and what it may take. */
export interface TuneWishes {
  readonly transport: Pick<Transport, 'reader' | 'endOffsets' | 'partitionCount'>;
  readonly codecs: Codecs;
  readonly config: Config;
  /** Default: the one of the config. */
  readonly learners: readonly LearnerName[] | undefined;
  /** Most fits, those of the present settings included. */
  readonly fits: number;
  /** No fit is begun after so long; Infinity: whatever it takes. */
  readonly maxMs: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: (fits: number, fraction: number) => void;
}

/** One line of what was tried. */
export interface TriedReport extends Candidate {
  /** The share of the older rows that it was fitted on. */
  readonly share: number;
  /** null: it could not be fitted. */
  readonly result: (Omit<SettingsResult, 'losses'> & { readonly gain: Gain }) | null;
}

/** Rows that something was judged on. */
export interface JudgedOn {
  readonly rows: number;
  readonly positives: number;
  readonly fromMs: number;
}

/** What a tuning came to. */
export interface TuneReport {
  readonly present: Candidate & { readonly logLoss: number };
  readonly poolRows: number;
  readonly chosenOn: JudgedOn;
  readonly confirmedOn: JudgedOn;
  /** False: the time was over before all rungs were climbed. */
  readonly isComplete: boolean;
  readonly fits: number;
  /** Furthest rung first, the best first. */
  readonly tried: readonly TriedReport[];
  /** The best of the furthest rung, fitted and judged again on rows that did not choose it; null: there is none. */
  readonly best: (Candidate & { readonly gain: Gain }) | null;
  /** True when the best is better than the present settings by more than chance, one-sided 95 %. */
  readonly isBetter: boolean;
}

/** Audit rows, oldest first, before which the pool is fitted on; and before which the choice is made. */
const CHOOSE_FROM = 0.5;
const CONFIRM_FROM = 0.75;
const Z_95 = 1.645;
/** Fits that confirm: of the best and of the present settings. */
const CONFIRMING = 2;

/**
 * Looks for better settings of the learner by successive halving: fitted on the older part of the learner's rows, each with
 * its own offset, judged on newer audit rows; the best once more on the newest, which chose nothing. Changes nothing.
 * @throws no-candidate where there are too few rows to fit or judge on
 */
export async function tune(wishes: TuneWishes): Promise<TuneReport> {
  const { clock, signal, seed } = wishes;
  const endMs = clock.monotonicMs() + wishes.maxMs;
  const config = await withRecordedEncoder(wishes.config, wishes.transport);
  const present = presentOf(config);
  const { pool, audit } = await rowsOf({ ...wishes, config });
  const at = (share: number): number => Math.floor(audit.rowCount * share);
  const choosing = trialOf(pool, audit, at(CHOOSE_FROM), at(CONFIRM_FROM));
  const confirming = trialOf(pool, audit, at(CONFIRM_FROM), audit.rowCount);
  const learners = wishes.learners ?? [present.learner];
  const unknown = learners.find((learner) => !isSearched(learner));
  if (unknown) throw few(`which settings of ${unknown} to try is not known here`);
  refuseFew(choosing, config);
  refuseFew(confirming, config);

  const trainer = createTrainer({ limits: config.retrain.limits });
  const deps = { trainer, loader: onnxModelLoader(), signal };
  const rungs = rungsOf(wishes.fits - CONFIRMING);
  const planned = rungs.reduce((sum, { candidates }) => sum + candidates + 1, CONFIRMING);
  let fits = 0;
  const judge = async (trial: Trial, { learner, settings }: Candidate, share: number) => {
    const { retrain } = config;
    const tried = { ...retrain, learner, [learner]: { ...retrain[learner], ...settings } };
    const result = await judgeSettings(trial, share, tried, deps);
    wishes.onProgress?.(++fits, fits / planned);
    return result;
  };
  try {
    const climbed = await climb<Candidate, SettingsResult>({
      present,
      candidates: candidatesOf(learners, rungs[0]!.candidates, seed),
      rungs,
      judge: (candidate, share) => judge(choosing, candidate, share),
      lossOf: ({ logLoss }) => logLoss,
      isOver: () => signal.aborted || clock.monotonicMs() >= endMs,
    });
    signal.throwIfAborted();
    const top = climbed.at(-1);
    if (!top) throw few('the present settings could not be fitted in the time');
    const best = top.tried[0]?.result ? top.tried[0].candidate : undefined;
    const [before, after] = best ? [await judge(confirming, present, 1), await judge(confirming, best, 1)] : [];
    const gain = before && after ? gainOf(before.losses, after.losses, confirming.judging.timeKeys) : undefined;
    return {
      present: { ...present, logLoss: top.present.logLoss },
      poolRows: pool.rowCount,
      chosenOn: judgedOn(choosing),
      confirmedOn: judgedOn(confirming),
      isComplete: climbed.length === rungs.length,
      fits,
      tried: [...climbed].reverse().flatMap((rung) => reportsOf(rung, choosing.judging.timeKeys)),
      best: best && gain ? { ...best, gain } : null,
      isBetter: gain !== undefined && gain.mean - Z_95 * gain.standardError > 0,
    };
  } finally {
    await trainer.close();
  }
}

/** Each learner's defaults first, then draws, the learners in turns. */
function candidatesOf(learners: readonly LearnerName[], count: number, seed: number): readonly Candidate[] {
  return Array.from({ length: count }, (_, at) => {
    const learner = learners[at % learners.length]!;
    const number = Math.floor(at / learners.length);
    return { learner, settings: number === 0 ? defaultsOf(learner) : drawSettings(learner, seed, at) };
  });
}

/** The defaults of what is searched. */
function defaultsOf(learner: LearnerName): Settings {
  const declared: Readonly<Record<string, { readonly default: number }>> = LEARNERS[learner].settings;
  const searched = Object.keys(drawSettings(learner, 0, 0));
  return Object.fromEntries(searched.map((name) => [name, declared[name]!.default]));
}

function presentOf({ retrain }: Config): Candidate {
  const { learner } = retrain;
  if (isOwnName(learner)) throw few(`${learner} is a plugin's, and what its settings may be is not known here`);
  return { learner, settings: retrain[learner] };
}

/** What the learner of a run would hold now. */
async function rowsOf({
  transport,
  codecs,
  config,
  clock,
  logger,
  signal,
}: TuneWishes): Promise<{ readonly pool: HeldBundle; readonly audit: HeldBundle }> {
  const { featureSetId, columns } = await describeFeatures(config);
  for (const codec of [codecs.training, codecs.audit]) await codec.ready?.();
  const intake = createIntake({
    // Without `discard`: whoever only looks lets go of nothing.
    transport: {
      reader: (...asked) => transport.reader(...asked),
      endOffsets: (topic) => transport.endOffsets(topic),
      partitionCount: (topic) => transport.partitionCount(topic),
    },
    trainingCodec: codecs.training,
    auditCodec: codecs.audit,
    hash: await createHash32(),
    metrics: noMetrics,
    retrain: config.retrain,
    featureSetId,
    columnNames: columns.map(({ name }) => name),
    pool: config.retrain.budget > config.selection.budget ? { application: config.application } : undefined,
    clock,
    logger,
  });
  try {
    await intake.drain(signal);
    signal.throwIfAborted();
    return { pool: intake.held.rowsToFit(), audit: intake.held.auditRows() };
  } finally {
    await intake.close();
  }
}

function refuseFew({ fitting, judging }: Trial, { retrain }: Config): void {
  const counts = [positivesOf(fitting.labels), positivesOf(judging.labels)];
  const isEnough = counts.every((count) => count >= retrain.minPositives);
  const hasBoth = counts[0]! < fitting.rowCount && counts[1]! < judging.rowCount;
  if (isEnough && hasBoth) return;
  throw few(
    `the learner has ${fitting.rowCount} rows, ${counts[0]} of them positive, from before the ${judging.rowCount} audit rows to judge on, ${counts[1]} of them positive; retrain.minPositives = ${retrain.minPositives}`,
  );
}

function few(why: string): SluiceError {
  return new SluiceError('no-candidate', { why });
}

function judgedOn({ judging: { rowCount, labels, timeKeys } }: Trial): JudgedOn {
  return { rows: rowCount, positives: positivesOf(labels), fromMs: Math.floor(timeKeys[0] ?? 0) };
}

function reportsOf(
  { share, present, tried }: Climbed<Candidate, SettingsResult>,
  timeKeys: Float64Array,
): TriedReport[] {
  return tried.map(({ candidate, result }) => {
    if (result === null) return { ...candidate, share, result };
    const { losses, ...numbers } = result;
    return { ...candidate, share, result: { ...numbers, gain: gainOf(present.losses, losses, timeKeys) } };
  });
}

function positivesOf(labels: Uint8Array): number {
  return labels.reduce((sum, label) => sum + label, 0);
}
