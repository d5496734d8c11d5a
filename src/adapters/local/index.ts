export * from './growth.js';
export * from './log-store.js';
export * from './owner.js';
export * from './retention.js';
export * from './transport.js';
