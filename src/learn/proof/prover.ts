import { messageOf } from '../../errors.js';
import type { RowsHeld } from '../reservoir/rows-held.js';
import type { RetrainerDeps } from '../types.js';
import type { CurationProof, DatedProof } from './proof.js';
import { prove } from './prove.js';
import { recordProof } from './record.js';

/** Makes proofs beside the champion's fits, one at a time. */
export interface Prover {
  /**
   * Told of a published fit; starts a proof in the background when one is due: at the first fit with enough on the audit
   * slice, and then every `retrain.proof.everyFits`. A fit that finds one under way starts none.
   */
  afterFit(signal: AbortSignal): void;
  /** Makes a proof now; one under way is given up. Undefined when aborted or failed; a failure is logged and counted. */
  now(signal: AbortSignal): Promise<CurationProof | undefined>;
  /** The last proof of this process. */
  latest(): CurationProof | undefined;
  /** The proofs of this process, oldest first, the newest {@link MOST_PROOFS}. */
  all(): readonly DatedProof[];
  /** Gives up a proof under way. */
  stop(): Promise<void>;
}

/** How many proofs are remembered: days of them, in some kB. */
const MOST_PROOFS = 200;

/** Makes a prover on the rows that the learner holds. */
export function createProver(deps: RetrainerDeps, held: RowsHeld): Prover {
  const { retrain, metrics, logger, clock } = deps;
  let latest: CurationProof | undefined;
  let proofs: readonly DatedProof[] = [];
  /** Published fits since the last proof that said something. */
  let fits = 0;
  let underWay: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  function begin(signal: AbortSignal): Promise<CurationProof | undefined> {
    const stop = new AbortController();
    const ended = attempt(AbortSignal.any([signal, stop.signal]));
    const mine = { stop, ended };
    underWay = mine;
    return ended.finally(() => {
      if (underWay === mine) underWay = undefined;
    });
  }

  async function attempt(signal: AbortSignal): Promise<CurationProof | undefined> {
    const startedMs = clock.monotonicMs();
    const { trainer, loader, featureSetId, follower } = deps;
    // Fits take longer than a champion may live: it is asked at the end.
    const champion = follower.champion();
    const letGo = champion?.hold?.();
    try {
      const rows = { audit: held.auditRows(), training: held.trainingRows() };
      const proof = await prove({ ...rows, champion, retrain, trainer, loader, featureSetId }, signal);
      conclude(proof, clock.monotonicMs() - startedMs);
      return proof;
    } catch (thrown) {
      if (signal.aborted) return undefined;
      metrics.count('sluice_proofs_total', 1, { result: 'failed' });
      logger.error('no proof of the curation, the champion is not touched', { reason: messageOf(thrown) });
      return undefined;
    } finally {
      letGo?.();
    }
  }

  function conclude(proof: CurationProof, durationMs: number): void {
    proofs = [...proofs, { atMs: clock.nowMs(), proof }].slice(-MOST_PROOFS);
    // A stream that has less now than it had (a new window) still has the proof it had.
    if (proof.status === 'proved' || latest?.status !== 'proved') latest = proof;
    if (proof.status !== 'proved') {
      metrics.count('sluice_proofs_total', 1, { result: proof.status });
      logger.info('not enough on the audit slice to prove the curation', { ...proof });
      return;
    }
    fits = 0;
    metrics.count('sluice_proofs_total', 1, { result: proof.verdict });
    metrics.observe('sluice_proof_seconds', durationMs / 1000);
    recordProof(metrics, proof);
    logger[proof.verdict === 'worse' ? 'warn' : 'info']('curated and uniform rows compared', { ...proof });
  }

  async function stop(): Promise<void> {
    underWay?.stop.abort();
    await underWay?.ended;
  }

  return {
    afterFit(signal) {
      fits++;
      const isDue = latest?.status !== 'proved' || fits >= retrain.proof.everyFits;
      if (retrain.proof.enabled && isDue && underWay === undefined) void begin(signal);
    },
    async now(signal) {
      await stop();
      return begin(signal);
    },
    latest: () => latest,
    all: () => proofs,
    stop,
  };
}
