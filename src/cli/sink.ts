import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Shell } from './shell.js';

export type Write = (text: string | Uint8Array) => Promise<void>;

export interface Sink {
  /** Runs an action that writes. A file gets its name only when the action ended well, so a half one is never taken for whole. */
  readonly use: <T>(action: (write: Write) => Promise<T>) => Promise<T>;
}

/** stdout, or a file when a path is given. */
export function openSink(shell: Shell, path: string | undefined): Sink {
  if (path === undefined) return { use: (action) => action(shell.out) };
  return {
    use: async (action) => {
      const draft = `${path}.part`;
      const file = createWriteStream(draft);
      const write: Write = (text) =>
        new Promise((resolve, reject) => file.write(text, (error) => (error ? reject(error) : resolve())));
      try {
        const result = await action(write);
        file.end();
        await finished(file);
        await rename(draft, path);
        return result;
      } catch (thrown) {
        file.destroy();
        await rm(draft, { force: true });
        throw thrown;
      }
    },
  };
}
