import type { Counts } from '../../pipeline/progress/counts.js';
import type { SnapshotManifest } from '../../snapshot/index.js';

/** How often the line is written, by whether it can be rewritten in place. */
export const LINE_EVERY_MS = { terminal: 500, elsewhere: 5_000 } as const;

/** A demo at one moment. */
export interface Moment {
  readonly elapsedMs: number;
  readonly impressionsPerSecond: number;
  readonly counts: Counts;
  readonly champion: SnapshotManifest | undefined;
}

/** One line, at most 110 characters: what went in, what was kept, what it stands for, and who scores. */
export function progressLine({ elapsedMs, impressionsPerSecond, counts, champion }: Moment): string {
  const { impressionsRead, samplesSeen, samplesAudit, samplesKept, weightSum } = counts;
  const seconds = `${Math.round(elapsedMs / 1000)} s`.padStart(4);
  const rate = `${whole(impressionsPerSecond)} impressions/s`;
  if (impressionsRead === 0) return `${seconds} | the encoder reads the texts of the first impressions`;
  const eligible = samplesSeen - samplesAudit;
  if (eligible === 0) return `${seconds} | ${rate} | ${whole(impressionsRead)} waiting for their outcome`;
  const share = `${((100 * samplesKept) / eligible).toFixed(1)} %`;
  const kept = `seen ${whole(samplesSeen)}, kept ${whole(samplesKept)} (${share}), Σweights/seen ${ratio(weightSum / eligible)}`;
  return `${seconds} | ${rate} | ${kept} | ${championText(champion)}`;
}

function championText(champion: SnapshotManifest | undefined): string {
  if (champion === undefined) return 'no model yet';
  const overall = champion.metrics.candidate?.overall;
  return `model ${champion.version} NE ${ratio(overall?.normalisedEntropy)} AUC ${ratio(overall?.auc)}`;
}

/** A count with thousands separated. */
export function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Three digits after the point; `-` where there is no number. */
export function ratio(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '-' : value.toFixed(3);
}
