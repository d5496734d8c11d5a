import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const OWNER_ONLY = 0o600;

/**
 * Makes the folder of an LMDB environment where it is absent, for its owner alone: what lies in it holds raw identifiers.
 * A folder that was there keeps its rights, since it may hold other things.
 */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Takes everybody's but the owner's rights from the files of an LMDB environment. A file of another owner is left as it is. */
export function keepPrivate(path: string): void {
  for (const name of ['data.mdb', 'lock.mdb']) {
    const file = join(path, name);
    if (!existsSync(file)) continue;
    try {
      chmodSync(file, OWNER_ONLY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    }
  }
}
