import { flagsOf } from '../../events/flags.js';
import { FLAGGED_COUNTS, type Counts } from '../progress/counts.js';
import { shifted } from '../../events/shifted.js';
import type { ScoredBatch } from '../score/score.js';
import { rateOffset } from './sampling-rates.js';
import { AUDIT, DROPPED, type SelectionColumns } from './select.js';

/** Counts every sample of a selected batch, one after the other: sums are the same to the bit however batches are cut. */
export function countSelected(counts: Counts, { closed, prediction }: ScoredBatch, selected: SelectionColumns): void {
  counts.samplesSeen += closed.rowCount;
  for (let i = 0; i < closed.rowCount; i++) {
    const label = closed.labels[i]!;
    counts.samplesPositive += label;
    if (prediction) countPrediction(shifted(prediction.probability[i]!, rateOffset(closed, i)), label, counts);
    if (closed.flags[i] !== 0) for (const flag of flagsOf(closed.flags[i]!)) counts[FLAGGED_COUNTS[flag]]++;
    counts.samplesPooled += selected.pooled[i]!;
    const fate = selected.fates[i]!;
    if (fate === DROPPED) counts.samplesDropped++;
    else if (fate === AUDIT) counts.samplesAudit++;
    else countKept(selected.inclusionProbabilities[i]!, counts);
  }
}

function countKept(inclusionProbability: number, counts: Counts): void {
  const weight = 1 / inclusionProbability;
  counts.samplesKept++;
  counts.weightSum += weight;
  counts.weightVariance += (1 - inclusionProbability) * weight ** 2;
}

/** Smallest probability a log loss is taken of; the same as in the learner's metrics. */
const LEAST_PROBABILITY = 1e-7;

function countPrediction(probability: number, label: number, counts: Counts): void {
  const p = Math.min(1 - LEAST_PROBABILITY, Math.max(LEAST_PROBABILITY, probability));
  counts.predicted++;
  counts.predictedSum += probability;
  counts.predictedPositive += label;
  counts.predictedLogLoss -= Math.log(label === 1 ? p : 1 - p);
}
