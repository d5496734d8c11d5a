import type { Comparison, CurationProof, Interval } from '../learn/index.js';

/** What the live proof says, for people: one line, or two where there are numbers. None without a proof. */
export function curationLines(curation: CurationProof | null): string[] {
  if (curation === null) return [];
  const { positives, auditRows } = curation;
  if (curation.status === 'not-enough-data')
    return [
      `curated against uniform: not enough data yet (${whole(positives)} clicks among ${whole(auditRows)} audit samples; ${whole(curation.minPositives)} are needed)`,
    ];
  const { rows, pairs, auc, normalisedEntropy } = curation;
  return [
    `curated against uniform, ${whole(rows)} rows each: ${VERDICT[curation.verdict]} (${pairs} pairs of models, judged on ${whole(auditRows)} audit samples, ${whole(positives)} clicks)`,
    `  AUC ${compared(auc)}; NE ${compared(normalisedEntropy)}`,
  ];
}

const VERDICT = {
  better: 'curated is better',
  worse: 'curated is WORSE, see docs/why/proof.md',
  'no-difference': 'no significant difference',
} as const;

function compared({ curated, uniform, difference }: Comparison): string {
  return `${curated.toFixed(3)} against ${uniform.toFixed(3)}, ${span(difference)}`;
}

function span({ mean, lower, upper }: Interval): string {
  return `${signed(mean)} (95 %: ${signed(lower)} to ${signed(upper)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
