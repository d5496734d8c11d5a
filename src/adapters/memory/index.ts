export * from './clock.js';
export * from './encoder.js';
export * from './logger.js';
export * from './metrics.js';
export * from './memory-log.js';
export * from './memory-transport.js';
