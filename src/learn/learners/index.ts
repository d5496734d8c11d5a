export * from './learners.js';
export { predictWith } from './predict-with.js';
export { seededRandom } from './random.js';
