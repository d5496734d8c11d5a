import { flagsOf } from '../../events/flags.js';
import { impressionIdOf } from '../../events/impression-id.js';
import { outcomeOfRank } from '../../events/strength.js';
import type { DeadLetter, LateInteraction, SampleFlag, TrainingSample } from '../../events/words.js';
import type { Codec } from '../../ports/codec.js';
import type { NewRecord } from '../../ports/transport.js';
import type { Join } from '../join/join.js';
import type { Counts } from '../progress/counts.js';
import type { ScoredBatch } from '../score/score.js';
import { AUDIT, DROPPED, KEPT, type SelectionColumns } from '../select/select.js';
import { deadLetterToRecord } from './dead-letter-record.js';

/** What turns results into records. */
export interface Routes {
  readonly training: Codec<TrainingSample>;
  readonly audit: Codec<TrainingSample>;
  readonly late: Codec<LateInteraction>;
  readonly featureSetId: string;
  readonly pseudonymKeyId: string;
  readonly attributionWindowMs: number;
  /** True when the text vectors of query and item go on every sample. */
  readonly embeddings: boolean;
}

/** Makes a record of every kept and audit sample and counts them all. Dropped ones leave no trace but their count. */
export function routeSamples(
  scored: ScoredBatch,
  selected: SelectionColumns,
  join: Join,
  routes: Routes,
  counts: Counts,
): NewRecord[] {
  const records: NewRecord[] = [];
  const { closed, prediction } = scored;
  for (let i = 0; i < closed.count; i++) {
    const label = closed.labels[i]!;
    counts.samplesSeen++;
    counts.samplesPositive += label;
    if (prediction) countPrediction(prediction.probability[i]!, label, counts);
    const flags = closed.facts?.flags?.[i] ?? 0;
    if (flags !== 0) countFlags(flags, counts);
    const fate = selected.fate[i]!;
    if (fate === DROPPED) {
      counts.samplesDropped++;
      continue;
    }
    const sample = sampleOf(scored, selected, i, join, routes);
    const role = fate === KEPT ? 'training' : 'audit';
    if (fate === AUDIT) {
      counts.samplesAudit++;
    } else {
      counts.samplesKept++;
      counts.weightSum += sample.importanceWeight;
      counts.weightVariance += (1 - sample.inclusionProbability) * sample.importanceWeight ** 2;
    }
    records.push({ topic: role, key: utf8.encode(sample.sessionPseudonym), value: routes[role].encode(sample) });
  }
  return records;
}

/** Makes records of dead letters and late interactions. */
export function routeAside(
  deadLetters: readonly DeadLetter[],
  late: readonly LateInteraction[],
  routes: Routes,
): NewRecord[] {
  return [
    ...deadLetters.map((letter): NewRecord => ({ topic: 'dead-letters', ...deadLetterToRecord(letter) })),
    ...late.map((interaction): NewRecord => ({
      topic: 'late',
      key: utf8.encode(interaction.sessionPseudonym),
      value: routes.late.encode(interaction),
    })),
  ];
}

const utf8 = new TextEncoder();

/** Smallest probability a log loss is taken of; the same as in the learner's metrics. */
const LEAST_PROBABILITY = 1e-7;

function countPrediction(probability: number, label: number, counts: Counts): void {
  const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  counts.predicted++;
  counts.predictedSum += probability;
  counts.predictedPositive += label;
  counts.predictedLogLoss -= Math.log(label === 1 ? p : 1 - p);
}

const COUNT_OF = {
  'session-rate': 'flaggedSessionRate',
  'impossible-dwell': 'flaggedImpossibleDwell',
  'click-everything': 'flaggedClickEverything',
  contradicted: 'flaggedContradicted',
} as const satisfies Record<SampleFlag, keyof Counts>;

function countFlags(flags: number, counts: Counts): void {
  for (const flag of flagsOf(flags)) counts[COUNT_OF[flag]]++;
}

function sampleOf(
  scored: ScoredBatch,
  selected: SelectionColumns,
  i: number,
  join: Join,
  routes: Routes,
): TrainingSample {
  const { closed, prediction } = scored;
  const sequence = closed.first + i;
  const slot = join.open.slot(sequence);
  const list = join.listOf(sequence);
  const { shown } = list;
  const item = shown.items[sequence - list.firstImpression]!;
  const columns = join.open.columnCount;
  const inclusionProbability = selected.inclusionProbability[i]!;
  return {
    sampleId: impressionIdOf(shown.requestId, item),
    requestId: shown.requestId,
    surface: shown.surface,
    eventTimeMs: shown.eventTimeMs,
    closeTimeMs: shown.eventTimeMs + routes.attributionWindowMs,
    sessionPseudonym: shown.session,
    userPseudonym: shown.user,
    pseudonymKeyId: routes.pseudonymKeyId,
    itemId: item.itemId,
    position: item.position,
    category: item.category,
    label: closed.labels[i] === 1 ? 1 : 0,
    outcome: outcomeOfRank(join.open.rank[slot]!),
    value: join.open.value[slot]!,
    propensity: item.propensity,
    features: closed.rows.subarray(i * columns, (i + 1) * columns),
    featureSetId: routes.featureSetId,
    embeddings: routes.embeddings ? join.vectorsOf(sequence) : null,
    prediction: prediction ? prediction.probability[i]! : null,
    importance: selected.importance[i]!,
    scorer: scored.scorer,
    inclusionProbability,
    importanceWeight: 1 / inclusionProbability,
    logOddsOffset: selected.logOddsOffset[i]!,
    snapshotVersion: scored.snapshotVersion,
    flags: flagsOf(closed.facts?.flags?.[i] ?? 0),
  };
}
