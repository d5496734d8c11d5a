export * from './manifest.js';
export * from './history.js';
export * from './pack.js';
export * from './fold.js';
export * from './unpack.js';
export * from './catalogue.js';
export * from './publish.js';
export * from './follow.js';
