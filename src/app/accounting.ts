import type { CurationProof } from '../learn/index.js';
import { addCounts, noCounts, type Counts } from '../pipeline/progress/counts.js';
import { decodeProgress } from '../pipeline/progress/progress.js';
import type { Transport } from '../ports/transport.js';

/** What an application did since its beginning, whoever of its instances did it. `seen = kept + audit + dropped`. */
export interface Accounting {
  readonly impressions: { readonly read: number; readonly duplicate: number; readonly deadLettered: number };
  readonly interactions: {
    readonly read: number;
    readonly joined: number;
    readonly unmatched: number;
    readonly late: number;
    readonly duplicate: number;
    readonly deadLettered: number;
  };
  readonly samples: {
    readonly seen: number;
    readonly kept: number;
    readonly audit: number;
    readonly dropped: number;
    readonly positive: number;
  };
  /** Impressions closed before their window ended because join.maxOpenImpressions was reached. */
  readonly closedEarly: number;
  /** Σ importance weights of the kept over the samples the coin decided on (seen − audit), with its standard error: 1 when nothing is lost. */
  readonly weights: { readonly sum: number; readonly ratio: number | null; readonly standardError: number | null };
  /** The champion on every sample it predicted before its outcome was known. */
  readonly champion: {
    readonly predicted: number;
    readonly calibration: number | null;
    readonly logLoss: number | null;
    readonly normalisedEntropy: number | null;
  };
  /** Interactions caught by the rules on conduct (diverted: those that joined nothing), and samples by flag, kept or not. */
  readonly quality: {
    readonly interactions: {
      readonly sessionRate: number;
      readonly impossibleDwell: number;
      readonly clickEverything: number;
      readonly diverted: number;
    };
    readonly samples: {
      readonly sessionRate: number;
      readonly impossibleDwell: number;
      readonly clickEverything: number;
      readonly contradicted: number;
    };
    /** Samples whose label a confident committee held to be all but impossible. */
    readonly contradictions: number;
    /** Interactions that name an impression which they cannot be of, by why; in `interactions.unmatched`, too. */
    readonly impossible: { readonly otherSession: number; readonly otherItem: number; readonly beforeShown: number };
  };
  /** Optional values (a price, a dwell time) that were not of their field's type; their records went on without them. */
  readonly valuesIgnored: number;
  /** Messages with an id that contained their session or user id; it went out as a pseudonym. */
  readonly identifyingIds: number;
  /** Curated rows against as many uniform ones, as the last proof of this process has it (docs/why/proof.md); null without one. */
  readonly curation: CurationProof | null;
  /** Of this run, until its last batch was committed. */
  readonly wallMs: number;
}

/** Sums the progress records of all partitions. */
export async function accountingOf(
  transport: Pick<Transport, 'committedAll'>,
  wallMs: number,
  curation?: CurationProof,
): Promise<Accounting> {
  return renderCounts(await committedCounts(transport), wallMs, curation);
}

/** The committed counts of the application. */
export async function committedCounts(transport: Pick<Transport, 'committedAll'>): Promise<Counts> {
  const total = noCounts();
  for (const { progress } of (await transport.committedAll()).values())
    addCounts(total, decodeProgress(progress).counts);
  return total;
}

/** Counts in the form of the contract. */
export function renderCounts(counts: Counts, wallMs: number, curation: CurationProof | null = null): Accounting {
  const eligible = counts.samplesSeen - counts.samplesAudit;
  const rate = counts.predictedPositive / counts.predicted;
  const entropy = -(rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate));
  const logLoss = counts.predictedLogLoss / counts.predicted;
  return {
    impressions: {
      read: counts.impressionsRead,
      duplicate: counts.impressionsDuplicate,
      deadLettered: counts.impressionsDeadLettered,
    },
    interactions: {
      read: counts.interactionsRead,
      joined: counts.interactionsJoined,
      unmatched: counts.interactionsUnmatched,
      late: counts.interactionsLate,
      duplicate: counts.interactionsDuplicate,
      deadLettered: counts.interactionsDeadLettered,
    },
    samples: {
      seen: counts.samplesSeen,
      kept: counts.samplesKept,
      audit: counts.samplesAudit,
      dropped: counts.samplesDropped,
      positive: counts.samplesPositive,
    },
    closedEarly: counts.closedEarly,
    weights: {
      sum: counts.weightSum,
      ratio: finite(counts.weightSum / eligible),
      standardError: finite(Math.sqrt(counts.weightVariance) / eligible),
    },
    champion: {
      predicted: counts.predicted,
      calibration: finite(counts.predictedSum / counts.predictedPositive),
      logLoss: finite(logLoss),
      normalisedEntropy: finite(logLoss / entropy),
    },
    quality: {
      interactions: {
        sessionRate: counts.caughtBySessionRate,
        impossibleDwell: counts.caughtByImpossibleDwell,
        clickEverything: counts.caughtByClickEverything,
        diverted: counts.interactionsDiverted,
      },
      samples: {
        sessionRate: counts.flaggedSessionRate,
        impossibleDwell: counts.flaggedImpossibleDwell,
        clickEverything: counts.flaggedClickEverything,
        contradicted: counts.flaggedContradicted,
      },
      contradictions: counts.contradictions,
      impossible: {
        otherSession: counts.impossibleOtherSession,
        otherItem: counts.impossibleOtherItem,
        beforeShown: counts.impossibleBeforeShown,
      },
    },
    valuesIgnored: counts.valuesIgnored,
    identifyingIds: counts.identifyingIds,
    curation,
    wallMs,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
