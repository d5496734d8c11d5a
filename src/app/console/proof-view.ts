import type { ProofView } from '../../console/api.js';
import type { CurationProof } from '../../learn/index.js';
import type { Opened } from '../run-watcher.js';

/** The proofs of this process, and what the newest asks for. */
export function proofView(opened: Opened, ownsFirst: boolean): ProofView {
  const proofs = opened.retrainer.proofs();
  const isEnabled = opened.config.retrain.proof.enabled;
  return { isEnabled, isHere: ownsFirst, proofs, advice: adviceOn(opened.retrainer.proof(), isEnabled, ownsFirst) };
}

function adviceOn(proof: CurationProof | undefined, isEnabled: boolean, isHere: boolean): string {
  if (!isEnabled) return 'Proofs are off. Set retrain.proof.enabled to true to have them.';
  if (!isHere) return 'The instance that owns partition 0 makes the proofs: open its console.';
  if (proof === undefined) return 'The first proof is made once a model has been published. Nothing to do.';
  if (proof.status === 'not-enough-data')
    return `Wait: ${proof.positives} of the ${proof.minPositives} positive audit samples are there that a proof needs. A larger selection.auditFraction brings them sooner.`;
  switch (proof.verdict) {
    case 'better':
      return 'Nothing to do: rows chosen by Sluice teach the learner more than as many random ones.';
    case 'no-difference':
      return 'Nothing is lost, and nothing won that can be told from chance yet. More audit samples make the interval narrower.';
    case 'worse':
      return 'If the next proofs say so too, go through docs/how/alerts.md, SluiceCurationWorse. Until it is understood, selection.scorer: uniform keeps the budget and is right by construction.';
  }
}
