import type { Accounting } from './accounting.js';

/** What an application has done, for people: one line a subject, whole numbers with their words. */
export function accountingSummary(accounting: Accounting): readonly string[] {
  const { impressions, interactions, samples, weights, champion, wallMs } = accounting;
  const decided = samples.seen - samples.audit;
  const waiting =
    impressions.read - impressions.duplicate - impressions.deadLettered - impressions.unexamined - samples.seen;
  const refused = impressions.deadLettered + interactions.deadLettered;
  const also = [
    impressions.duplicate > 0 ? `${whole(impressions.duplicate)} came twice` : null,
    impressions.unexamined > 0 ? `${whole(impressions.unexamined)} not examined` : null,
    impressions.deadLettered > 0 ? `${whole(impressions.deadLettered)} refused` : null,
  ].filter((part) => part !== null);
  const acts = [
    `${whole(interactions.joined)} joined their impression`,
    interactions.late > 0 ? `${whole(interactions.late)} came late` : null,
    interactions.unmatched > 0 ? `${whole(interactions.unmatched)} joined nothing` : null,
    interactions.duplicate > 0 ? `${whole(interactions.duplicate)} came twice` : null,
    interactions.deadLettered > 0 ? `${whole(interactions.deadLettered)} refused` : null,
  ].filter((part) => part !== null);
  return [
    `Since its beginning the application has read ${many(impressions.read, 'impression')} and ${many(interactions.read, 'interaction')}; this run took ${(wallMs / 1000).toFixed(1)} s.`,
    `  impressions   ${many(samples.seen, 'sample')} with ${samples.seen === 1 ? 'its' : 'their'} final outcome, ${whole(samples.positive)} positive; ${whole(waiting)} still open${also.length > 0 ? `; ${also.join(', ')}` : ''}`,
    `  interactions  ${acts.join(', ')}`,
    `  kept          ${many(samples.kept, 'training sample')} of ${whole(decided)} (${percent(samples.kept, decided)}), ${whole(samples.audit)} for audit, ${whole(samples.dropped)} dropped`,
    ...(weights.ratio === null || weights.standardError === null
      ? []
      : [
          `  weights       the kept stand for ${whole(Math.round(weights.sum))} of ${whole(decided)}: ratio ${weights.ratio.toFixed(3)} ± ${weights.standardError.toFixed(3)} (1: nothing is lost)`,
        ]),
    ...(champion.predicted > 0
      ? [
          `  champion      predicted ${whole(champion.predicted)} before their outcome was known: calibration ${figure(champion.calibration)}, NE ${figure(champion.normalisedEntropy)}`,
        ]
      : []),
    ...(refused > 0 ? ['  `sluice dead-letters summary` says what was refused, and what to do.'] : []),
  ];
}

function many(count: number, word: string): string {
  return `${whole(count)} ${word}${count === 1 ? '' : 's'}`;
}

function percent(part: number, of: number): string {
  return of === 0 ? '0 %' : `${((100 * part) / of).toFixed(1)} %`;
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(3);
}

function whole(count: number): string {
  return count.toLocaleString('en');
}
