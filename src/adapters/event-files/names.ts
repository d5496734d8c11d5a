import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../errors.js';
import type { InputName } from '../../ports/transport.js';

/** File name of an input's events, without the `.gz` that may follow. */
export function eventFileName(input: InputName): string {
  return `${input}.ndjson`;
}

/** @throws SluiceError `config-invalid` when a folder holds events of an input already, which what is about to write would replace */
export function refuseHeldEvents(folder: string, inputs: readonly InputName[], writer: string): void {
  for (const input of inputs) {
    const path = join(folder, eventFileName(input));
    if (![path, `${path}.gz`].some((name) => existsSync(name) && statSync(name).size > 0)) continue;
    const problems = `${path} holds events already, and ${writer} would replace them: give --out another folder, or delete the file`;
    throw new SluiceError('config-invalid', { problems });
  }
}

/**
 * Finds an input's file in a folder of event files: `<input>.ndjson` or `<input>.ndjson.gz`.
 * @throws SluiceError `file-unreadable` when neither is there (an empty file says "none"), or both are
 */
export function findEventFile(folder: string, input: InputName): string {
  const plain = join(folder, eventFileName(input));
  const packed = `${plain}.gz`;
  const hasPlain = existsSync(plain);
  const hasPacked = existsSync(packed);
  if (hasPlain && hasPacked) {
    throw new SluiceError('file-unreadable', { path: plain, why: `${packed} is there too; remove one of the two` });
  }
  if (!hasPlain && !hasPacked) {
    throw new SluiceError('file-unreadable', {
      path: plain,
      why: 'neither it nor its .gz is there (an empty file stands for no events)',
    });
  }
  return hasPlain ? plain : packed;
}
