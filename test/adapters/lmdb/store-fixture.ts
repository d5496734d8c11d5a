import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lmdbTransport } from '../../../src/adapters/lmdb/index.js';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { Logger } from '../../../src/ports/logger.js';
import type { Transport } from '../../../src/ports/transport.js';

/** A folder for stores and the processes that use them; everything goes with `remove`. */
export class StoreFolder {
  readonly #transports: Transport[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(readonly path: string) {}

  static async make(): Promise<StoreFolder> {
    return new StoreFolder(await mkdtemp(join(tmpdir(), 'sluice-lmdb-')));
  }

  get store(): string {
    return join(this.path, 'store');
  }

  open(
    given: {
      path?: string;
      application?: string;
      topics?: ConfigInput['topics'];
      transport?: ConfigInput['transport'];
      clock?: Clock;
      logger?: Logger;
      keepsPositionsByTopic?: boolean;
    } = {},
  ): Transport {
    const { application = 'app', clock = systemClock, logger = silentLogger, keepsPositionsByTopic = false } = given;
    const path = given.path ?? this.store;
    const { topics, transport } = configSchema.parse({
      topics: given.topics ?? {},
      transport: { ...given.transport, path },
    });
    const opened = lmdbTransport({ application, topics, transport, clock, logger, keepsPositionsByTopic });
    this.#transports.push(opened);
    return opened;
  }

  /** Another process on the same store; it runs the built code, since Node 20 loads no TypeScript. */
  child(...args: readonly string[]): ChildProcess {
    const built = fileURLToPath(new URL('../../../dist/adapters/lmdb/index.js', import.meta.url));
    if (!existsSync(built)) throw new Error('dist/ is missing: run `npm run build` first');
    const child = fork(fileURLToPath(new URL('./child.mjs', import.meta.url)), [this.store, ...args]);
    this.#children.push(child);
    return child;
  }

  async remove(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(this.#transports.map((transport) => transport.close()));
    await rm(this.path, { recursive: true });
  }
}

/** The next message of a child; rejects when it ends first. */
export function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (status, signal) => reject(new Error(`the child ended with ${signal ?? status}`)));
  });
}

/** Resolves when the child is gone. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
