import { messageOf, SluiceError } from '../errors.js';

/** The bytes of a file. @throws SluiceError `file-unreadable` */
export async function fileBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path).catch((thrown: unknown) => {
    throw new SluiceError('file-unreadable', { path, why: messageOf(thrown) });
  });
}
