import { messageOf } from '../errors.js';
import type { CurationProof, Learner } from '../learn/index.js';
import type { RunOptions } from './run-options.js';

/**
 * The live proof a run ends with. A run to the end makes one on everything when this instance is the one that fits;
 * another run has what was proved on the way. A failure is logged and leaves the older proof, if there is one.
 */
export async function provedAtEnd(
  learner: Pick<Learner, 'prove' | 'proof'>,
  { untilEnd, signal, logger }: Pick<RunOptions, 'untilEnd' | 'signal' | 'logger'>,
  hasFitted: boolean,
): Promise<CurationProof | undefined> {
  try {
    if (untilEnd && hasFitted && !signal.aborted) await learner.prove(signal);
  } catch (thrown) {
    logger.warn('the curation was not proved', { reason: messageOf(thrown) });
  }
  return learner.proof();
}
