import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';

/**
 * Loads a module of somebody else's and gives its exports. One that was loaded before and has another fingerprint now is
 * loaded anew.
 * @param limitMs how long its top level may wait for something
 * @throws SluiceError `plugin-invalid`
 */
export async function importFile(
  path: string,
  sha256: string,
  limitMs: number,
  clock: Pick<Clock, 'sleep'>,
): Promise<Readonly<Record<string, unknown>>> {
  const done = new AbortController();
  const late = clock.sleep(limitMs, done.signal).then((): never => {
    const why = `loading it takes longer than ${limitMs} ms`;
    throw new SluiceError('plugin-invalid', { file: path, why });
  });
  // Nobody waits for it any more once the file is there.
  late.catch(() => undefined);
  try {
    const url = `${pathToFileURL(resolve(path)).href}?sha256=${sha256}`;
    return (await Promise.race([import(url), late])) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    if (thrown instanceof SluiceError) throw thrown;
    throw new SluiceError('plugin-invalid', { file: path, why: messageOf(thrown) }, { cause: thrown });
  } finally {
    done.abort();
  }
}
