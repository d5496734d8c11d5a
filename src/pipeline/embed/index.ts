export { dispensableStore } from './dispensable-store.js';
export { TextVectors } from './text-vectors.js';
export { textsOf } from './texts-of.js';
export { vectorKey } from './vector-key.js';
