import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../../errors.js';

/** The package root; this file sits three folders below it both in src/ and in dist/. */
const PACKAGE_ROOT = new URL('../../../', import.meta.url).href;

/**
 * Finds the JavaScript file of a worker given as `new URL('./worker.js', import.meta.url)`. Code that runs from src/
 * (under vitest) gets the counterpart in dist/, because Node 20 starts no `.ts` worker.
 * Throws `file-unreadable` when it has not been built.
 */
export function workerFile(workerUrl: URL): URL {
  const source = `${PACKAGE_ROOT}src/`;
  const file = workerUrl.href.startsWith(source)
    ? new URL(`${PACKAGE_ROOT}dist/${workerUrl.href.slice(source.length).replace(/\.ts$/, '.js')}`)
    : workerUrl;
  if (!existsSync(file)) {
    throw new SluiceError('file-unreadable', {
      path: fileURLToPath(file),
      why: 'the worker is not built; run `npm run build`',
    });
  }
  return file;
}
