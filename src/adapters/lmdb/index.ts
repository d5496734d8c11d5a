import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Transport } from '../../ports/transport.js';
import { LocalTransport } from '../local/index.js';
import { LmdbStore } from './lmdb-store.js';
import { processLives, processMark } from './process-mark.js';

export { checkStore, type StoreReport } from './check-store.js';
export { lmdbVectorStore, type VectorStoreOptions } from './vector-store.js';

/** Appends of other processes are noticed within this time; a look costs some ten microseconds. */
const WATCH_EVERY_MS = 20;

export interface LmdbTransportOptions {
  readonly application: string;
  readonly transport: Config['transport'];
  readonly topics: Config['topics'];
  readonly logger: Logger;
  readonly clock: Clock;
  /** See the local transport's option. */
  readonly keepsPositionsByTopic?: boolean;
}

/** True when a folder holds a store. */
export function hasStore(path: string): boolean {
  return existsSync(join(path, 'data.mdb'));
}

/**
 * Opens the embedded transport: topics, offsets and progress in one LMDB environment at `transport.path`, made where
 * absent. A commit is one ACID transaction. Other processes may append and read while one runs; a second run of the same
 * application is refused with `store-in-use`, and takes over at once when the first one's process has ended.
 *
 * Durability: a commit or append that has resolved survives the end of the process however it ends (kill −9 included),
 * since the system holds the pages. A power cut or a system crash may take back the commits of about the last second, in
 * order and whole (outputs together with offsets, so the batches are simply done again); `transport.flushEachCommit` makes
 * every commit wait for the disk instead. An append always waits for the disk.
 *
 * The files are for their owner alone, and damage done to them is found: everything carries a checksum.
 *
 * Throws `file-unreadable` when the folder cannot be opened, `store-damaged`, later `store-full` when the disk is.
 */
export function lmdbTransport(options: LmdbTransportOptions): Transport {
  return new LocalTransport({
    ...options,
    store: new LmdbStore(options.transport.path),
    flushEachCommit: options.transport.flushEachCommit,
    retention: options.transport,
    watchEveryMs: WATCH_EVERY_MS,
    processMark: processMark(process.pid),
    lives: ({ pid, processMark: mark }) => processLives(pid, mark),
  });
}
