export { readScorer } from './read-scorer.js';
