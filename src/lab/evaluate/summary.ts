import type { LearnerName } from '../../learn/learners/index.js';
import type { Surface } from '../../events/words.js';
import type { RankingMetrics } from '../../learn/metrics/ranking.js';
import type { ModelMetrics } from '../../snapshot/manifest.js';
import type { ReliabilityBin } from '../../snapshot/calibration.js';
import type { Cell } from './cells.js';
import type { Judgement } from './consumer.js';
import type { Correction } from './policies.js';
import { meanBins } from './reliability-bins.js';

/** A mean and the half-width of its 95 % interval. */
export interface Estimate {
  readonly mean: number;
  readonly half: number;
}

/** What one way to keep and to train came to, over all salts. */
export interface Line {
  readonly policy: string;
  readonly budget: number;
  readonly consumer: LearnerName;
  readonly correction: Correction;
  readonly salts: number;
  readonly keptFraction: number;
  readonly rows: number;
  readonly positives: number;
  readonly metrics: MeanMetrics;
  readonly surfaces: Readonly<Partial<Record<Surface, MeanMetrics>>>;
  /** Order within the lists of the test part, means over salts. */
  readonly ranking: RankingMetrics;
  /** Reliability diagram, mean over salts, lowest predictions first. */
  readonly reliability: readonly ReliabilityBin[];
  readonly auc: Estimate;
  readonly normalisedEntropy: Estimate;
  readonly calibration: Estimate;
  /** AUC / AUC of the same consumer trained on everything. */
  readonly aucOfFull: Estimate;
  /** NE / NE of the same consumer trained on everything − 1. */
  readonly normalisedEntropyChange: Estimate;
}

/** Metrics of a model, means over salts. */
export type MeanMetrics = Readonly<
  Record<
    | 'auc'
    | 'normalisedEntropy'
    | 'logLoss'
    | 'calibration'
    | 'expectedCalibrationError'
    | 'accuracy'
    | 'precision'
    | 'recall'
    | 'f1',
    number | null
  >
> & {
  readonly sampleCount: number;
};

const NAMES = [
  'auc',
  'normalisedEntropy',
  'logLoss',
  'calibration',
  'expectedCalibrationError',
  'accuracy',
  'precision',
  'recall',
  'f1',
] as const;

/** Sums cells up, in their order. Every consumer's full cell must be among them. */
export function summarise(cells: readonly Cell[]): readonly Line[] {
  const groups = new Map<string, { cell: Cell; judgement: Judgement }[]>();
  for (const cell of cells)
    for (const judgement of cell.judgements) {
      const key = `${cell.policy} ${cell.budget} ${judgement.consumer} ${judgement.correction}`;
      groups.set(key, [...(groups.get(key) ?? []), { cell, judgement }]);
    }
  const full = new Map(
    cells
      .filter(({ policy }) => policy === 'full')
      .flatMap(({ judgements }) => judgements.map((one) => [one.consumer, one] as const)),
  );
  return [...groups.values()].map((members) => lineOf(members, full.get(members[0]!.judgement.consumer)!));
}

function lineOf(members: readonly { cell: Cell; judgement: Judgement }[], full: Judgement): Line {
  const { cell, judgement } = members[0]!;
  const judgements = members.map((member) => member.judgement);
  const over = (of: (one: Judgement) => number): number => meanOf(judgements.map(of));
  const surfaces = Object.keys(judgement.evaluation.surfaces) as Surface[];
  return {
    policy: cell.policy,
    budget: cell.budget,
    consumer: judgement.consumer,
    correction: judgement.correction,
    salts: members.length,
    keptFraction: meanOf(members.map((member) => member.cell.keptFraction)),
    rows: over(({ rows }) => rows),
    positives: over(({ positives }) => positives),
    metrics: meanMetrics(judgements.map(({ evaluation }) => evaluation.overall)),
    surfaces: Object.fromEntries(
      surfaces.map((surface) => [
        surface,
        meanMetrics(judgements.flatMap(({ evaluation }) => evaluation.surfaces[surface] ?? [])),
      ]),
    ),
    ranking: meanRanking(judgements.map(({ ranking }) => ranking)),
    reliability: meanBins(judgements.map(({ evaluation }) => evaluation.reliability ?? [])),
    auc: estimate(
      judgements,
      (one) => one.evaluation.overall.auc,
      (one, i) => one.resampled.auc[i]!,
    ),
    normalisedEntropy: estimate(
      judgements,
      (one) => one.evaluation.overall.normalisedEntropy,
      (one, i) => one.resampled.normalisedEntropy[i]!,
    ),
    calibration: estimate(
      judgements,
      (one) => one.evaluation.overall.calibration,
      (one, i) => one.resampled.calibration[i]!,
    ),
    aucOfFull: estimate(
      judgements,
      (one) => ratio(one.evaluation.overall.auc, full.evaluation.overall.auc),
      (one, i) => one.resampled.auc[i]! / full.resampled.auc[i]!,
    ),
    normalisedEntropyChange: estimate(
      judgements,
      (one) => ratio(one.evaluation.overall.normalisedEntropy, full.evaluation.overall.normalisedEntropy) - 1,
      (one, i) => one.resampled.normalisedEntropy[i]! / full.resampled.normalisedEntropy[i]! - 1,
    ),
  };
}

/**
 * Mean over salts with its 95 % interval: the spread of the mean over resamples of the test sessions (the same for all
 * salts) and the spread over salts, which the resamples do not see, add up in squares. With two or three salts the latter
 * is hardly known, which Student's quantile says; with one it is not known at all and left out.
 */
export function estimate(
  judgements: readonly Judgement[],
  value: (one: Judgement) => number | null,
  resampled: (one: Judgement, index: number) => number,
): Estimate {
  const values = judgements.map((one) => value(one) ?? Number.NaN);
  const count = judgements[0]!.resampled.auc.length;
  const means = Array.from({ length: count }, (_, i) => meanOf(judgements.map((one) => resampled(one, i))));
  const ofTest = 1.96 * Math.sqrt(variance(means));
  const ofSalts =
    values.length < 2 ? 0 : studentQuantile(values.length - 1) * Math.sqrt(variance(values) / values.length);
  return { mean: meanOf(values), half: Math.hypot(ofTest, ofSalts) };
}

/** Two-sided 95 % quantile of Student's t. */
function studentQuantile(degreesOfFreedom: number): number {
  return STUDENT_95[degreesOfFreedom - 1] ?? 1.96 + 2.4 / degreesOfFreedom;
}

const STUDENT_95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

function meanMetrics(all: readonly ModelMetrics[]): MeanMetrics {
  const means = NAMES.map((name) => {
    const known = all.map((one) => one[name]).filter((one) => one !== null);
    return [name, known.length === 0 ? null : meanOf(known)] as const;
  });
  return {
    sampleCount: all[0]?.sampleCount ?? 0,
    ...(Object.fromEntries(means) as Record<(typeof NAMES)[number], number | null>),
  };
}

function meanRanking(all: readonly RankingMetrics[]): RankingMetrics {
  const mean = (name: 'ndcgAt10' | 'mrr'): number | null => {
    const known = all.map((one) => one[name]).filter((one) => one !== null);
    return known.length === 0 ? null : meanOf(known);
  };
  return { lists: all[0]?.lists ?? 0, ndcgAt10: mean('ndcgAt10'), mrr: mean('mrr') };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.length < 2 ? 0 : values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function ratio(a: number | null, b: number | null): number {
  return a === null || b === null ? Number.NaN : a / b;
}
