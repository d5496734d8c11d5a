/** Which of the two halves of the sessions a sample belongs to. */
export type Fold = 0 | 1;

const FOLD_SEED = 0x5e5e_4703;

/**
 * The half of a session: by a hash of its pseudonym, so that all samples of a session are in one, on every machine and in
 * every run with the same key. A model fitted on one half has never seen a session of the other.
 */
export function foldOf(sessionPseudonym: string, hash: (text: string, seed: number) => number): Fold {
  return hash(sessionPseudonym, FOLD_SEED) >>> 31 === 1 ? 1 : 0;
}
