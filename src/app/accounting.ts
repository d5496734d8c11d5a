import type { CurationProof } from '../learn/index.js';
import { addCounts, COUNTS, noCounts, type CountPath, type Counts } from '../pipeline/progress/counts.js';
import { decodeProgress } from '../pipeline/progress/progress.js';
import type { Transport } from '../ports/transport.js';

/** Numbers by dotted path, as nested objects. */
type Nested<Path extends string> = {
  readonly [Head in Path extends `${infer First}.${string}` ? First : Path]: [
    Extract<Path, `${Head}.${string}`>,
  ] extends [never]
    ? number
    : Nested<Path extends `${Head}.${infer Rest}` ? Rest : never>;
};

/**
 * What an application did since its beginning, whoever of its instances did it. `seen = kept + audit + dropped`. Every count
 * that has a place in it (`src/pipeline/progress/counts.ts`) stands there, and these do beside them:
 */
export interface Accounting extends Nested<CountPath> {
  /** Σ importance weights of the kept over the samples the coin decided on (seen − audit), with its standard error: 1 when nothing is lost. */
  readonly weights: { readonly sum: number; readonly ratio: number | null; readonly standardError: number | null };
  /** The champion on every sample it predicted before its outcome was known. */
  readonly champion: {
    readonly predicted: number;
    readonly calibration: number | null;
    readonly logLoss: number | null;
    readonly normalisedEntropy: number | null;
  };
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
  const { impressions, interactions, samples, closedEarly, ...others } = placed(counts);
  return {
    impressions,
    interactions,
    samples,
    closedEarly,
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
    ...others,
    curation,
    wallMs,
  };
}

/** The counts that have a place in the accounting, each at its own. */
function placed(counts: Counts): Nested<CountPath> {
  interface Tree {
    [name: string]: Tree | number;
  }
  const root: Tree = {};
  for (const { name, at } of COUNTS) {
    if (at === undefined) continue;
    const path = at.split('.');
    const last = path.pop()!;
    let node = root;
    for (const step of path) node = (node[step] ??= {}) as Tree;
    node[last] = counts[name];
  }
  return root as unknown as Nested<CountPath>;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
