export * from './words.js';
export * from './strength.js';
export * from './partition.js';
export * from './impression-id.js';
export * from './flags.js';
export * from './own-name.js';
export * from './exact-json.js';
export * from './iso-time.js';
