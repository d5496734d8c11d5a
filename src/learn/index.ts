export * from './types.js';
export { createLearner } from './learn.js';
export type { Comparison, CurationProof, Interval, Proved } from './proof/proof.js';
