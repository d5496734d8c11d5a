import type { Metrics } from '../../ports/metrics.js';

/** Counts of a run as of its last commit. */
export interface CommitCounts {
  readonly impressionsRead: number;
  readonly openImpressions: number;
}

/** Metrics that call back after every commit that a run reports. */
export function commitWatch(onCommit: (counts: CommitCounts) => void): Metrics {
  let impressionsRead = 0;
  return {
    count(name, by, labels) {
      if (name === 'sluice_impressions_total' && labels?.['fate'] === 'read') impressionsRead += by;
    },
    gauge(name, value) {
      if (name === 'sluice_open_impressions') onCommit({ impressionsRead, openImpressions: value });
    },
    observe: () => undefined,
    forget: () => undefined,
  };
}
