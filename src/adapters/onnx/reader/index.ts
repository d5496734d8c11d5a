export { readPredictor } from './read-predictor.js';
