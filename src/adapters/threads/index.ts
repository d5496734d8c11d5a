export { WorkerPool, type RunOptions, type WorkerPoolOptions } from './worker-pool.js';
export { openedWith, serve, Transferred, type Answerer } from './serve.js';
export { type Doors, Line } from './line.js';
export { type LineThread, type LineThreadOptions, lineToOwner, startLineThread } from './thread-line.js';
export { inNative } from './native.js';
