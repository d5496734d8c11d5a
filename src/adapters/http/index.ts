export * from './http-server.js';
export type { StreamClient } from './stream-client.js';
