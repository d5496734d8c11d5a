export { dispensableStore } from './dispensable-store.js';
export { TextVectors } from './text-vectors.js';
export { vectorKey } from './vector-key.js';
