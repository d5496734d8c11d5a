export * from './types.js';
export { createRetrainer } from './learn.js';
export type { Comparison, CurationProof, Interval, Proved } from './proof/proof.js';
