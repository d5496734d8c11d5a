export { WorkerPool, type RunOptions, type WorkerPoolOptions } from './worker-pool.js';
export { openedWith, serve, Transferred, type Answerer } from './serve.js';
