export * from './http-server.js';
export type { HttpDoor } from './door.js';
export type { HttpServer } from './listening.js';
export type { HttpContent } from './content.js';
export type { HttpControl, HttpOrder } from './control.js';
export type { StreamClient } from './stream-client.js';
