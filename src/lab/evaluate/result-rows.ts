import type { EvaluationReport } from './evaluate.js';
import type { Estimate, Line } from './summary.js';

/** Head of the table of results. */
export const RESULT_HEAD = [
  'consumer',
  'policy',
  'kept',
  'trained by',
  'rows',
  'clicks',
  'AUC',
  'of full',
  'NE',
  'against full',
  'calibration',
  'ECE',
  'F1',
  'NDCG@10',
  'MRR',
] as const;

/** One row a line of the report, consumers apart. */
export function resultRows({ plan, lines }: EvaluationReport): readonly (readonly string[])[] {
  return plan.consumers.flatMap((consumer) => lines.filter((line) => line.consumer === consumer).map(rowOf));
}

function rowOf(line: Line): readonly string[] {
  return [
    line.consumer,
    line.policy,
    percent(line.keptFraction, line.keptFraction < 0.0995 ? 1 : 0),
    line.correction,
    Math.round(line.rows).toLocaleString('en'),
    Math.round(line.positives).toLocaleString('en'),
    `${line.auc.mean.toFixed(4)} ± ${line.auc.half.toFixed(4)}`,
    estimated(line.aucOfFull, (value) => percent(value, 2)),
    line.normalisedEntropy.mean.toFixed(4),
    estimated(line.normalisedEntropyChange, (value) => percent(value, 2), true),
    `${line.calibration.mean.toFixed(3)} ± ${line.calibration.half.toFixed(3)}`,
    line.metrics.expectedCalibrationError?.toFixed(4) ?? '-',
    line.metrics.f1 === null ? '-' : line.metrics.f1.toFixed(3),
    line.ranking.ndcgAt10?.toFixed(4) ?? '-',
    line.ranking.mrr?.toFixed(4) ?? '-',
  ];
}

/** `99.84 % ± 0.12 %`; the reference itself has no interval. */
function estimated({ mean, half }: Estimate, text: (value: number) => string, isSigned = false): string {
  if (half === 0) return text(mean);
  return `${isSigned && mean >= 0 ? '+' : ''}${text(mean)} ± ${text(half)}`;
}

function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`;
}
