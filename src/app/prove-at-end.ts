import { messageOf } from '../errors.js';
import type { CurationProof, Retrainer } from '../learn/index.js';
import type { RunOptions } from './run-options.js';

/**
 * The live proof a run ends with. A run to the end, or one that asks for it, makes one on everything when this instance is
 * the one that fits; another run has what was proved on the way. A failure is logged and leaves the older proof.
 */
export async function provedAtEnd(
  retrainer: Pick<Retrainer, 'prove' | 'proof'>,
  { untilEnd, signal, logger, finalProof = untilEnd ? signal : undefined }: RunOptions,
  hasFitted: boolean,
): Promise<CurationProof | undefined> {
  try {
    if (hasFitted && finalProof?.aborted === false) await retrainer.prove(finalProof);
  } catch (thrown) {
    logger.warn('the curation was not proved', { reason: messageOf(thrown) });
  }
  return retrainer.proof();
}
