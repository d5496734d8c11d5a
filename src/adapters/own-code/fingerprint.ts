import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, SluiceError } from '../../errors.js';

/** SHA-256 of a file, hex. @throws SluiceError `file-unreadable` */
export function fingerprintOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (thrown) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) }, { cause: thrown });
  }
}
