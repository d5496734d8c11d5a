export * from './names.js';
export * from './read-lines.js';
export * from './event-line.js';
export * from './read-events.js';
export * from './merge-by-time.js';
export * from './send-events.js';
export * from './write-events.js';
export * from './sort-events.js';
