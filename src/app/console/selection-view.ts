import type { SelectionTotals, SelectionView } from '../../console/api.js';
import type { LiveConfig } from '../../config/live.js';
import type { Counts } from '../../pipeline/progress/counts.js';
import { renderCounts } from '../accounting.js';
import type { LiveRun } from './live-run.js';

/** What was kept and what it stands for: since the application began, and over the newest minute. */
export function selectionView(live: LiveRun, { selection }: LiveConfig, monotonicMs: number): SelectionView {
  const { seconds, edges, seenByBin, keptByBin, surfaces } = live.tally.read(monotonicMs);
  return {
    budget: selection.budget,
    perSecond: selection.perSecond,
    scorer: selection.scorer,
    auditFraction: selection.auditFraction,
    total: totalsOf(live.counts()),
    recent: {
      seconds,
      histogram: { edges, seen: seenByBin, kept: keptByBin },
      surfaces: surfaces.map(({ weightSum, weightVariance, ...counts }) => {
        const decided = counts.seen - counts.audit;
        return {
          ...counts,
          keptShare: share(counts.kept, decided),
          weightRatio: share(weightSum, decided),
          weightError: share(Math.sqrt(weightVariance), decided),
        };
      }),
    },
    thresholds: live.partitions.flatMap(([partition, held]) =>
      held?.lnMu == null ? [] : { partition, threshold: Math.exp(held.lnMu) },
    ),
  };
}

/** The numbers of the accounting, as the console shows them. */
function totalsOf(counts: Counts): SelectionTotals {
  const { samples, weights, champion } = renderCounts(counts, 0);
  return {
    ...samples,
    keptShare: share(samples.kept, samples.seen - samples.audit),
    weightRatio: weights.ratio,
    weightError: weights.standardError,
    normalisedEntropy: champion.normalisedEntropy,
    calibration: champion.calibration,
  };
}

function share(part: number, of: number): number | null {
  return of > 0 ? part / of : null;
}
