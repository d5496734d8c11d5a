export * from './schema.js';
export * from './topics.js';
export * from './load.js';
export * from './options.js';
export * from './problem.js';
