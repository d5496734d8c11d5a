import { readFileSync } from 'node:fs';
import { messageOf, SluiceError } from '../../errors.js';

/** Reads a text file. @throws file-unreadable */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SluiceError('file-unreadable', { path, why: messageOf(error) }, { cause: error });
  }
}
