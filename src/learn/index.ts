export * from './types.js';
export { createLearner } from './learn.js';
