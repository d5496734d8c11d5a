export * from './clock.js';
export * from './random.js';
export * from './key.js';
export * from './read-text.js';
export * from './disk.js';
