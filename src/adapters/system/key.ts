import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';

/** Shortest key taken: 128 bits, as long as the pseudonyms it makes. */
const MIN_KEY_BYTES = 16;

const NEWLINE = 0x0a;
const RETURN = 0x0d;

export interface KeySource {
  /** Environment variable that holds the key; wins over the file when set and not empty. */
  readonly keyEnv: string;
  /** File that holds the key. */
  readonly keyFile: string;
  /** False where several machines need the same key: a missing file is an error then. */
  readonly mayMake: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/**
 * Loads the pseudonym key: the bytes of the environment variable, else of the file, in both cases without a newline at
 * the end, so that the file's line can be moved into the variable and stays the same key. A missing file is made by
 * {@link makeKey} where that is allowed, and said so in a warning. Throws `key-missing` where it is not, `config-invalid` on
 * a key under {@link MIN_KEY_BYTES} bytes and `file-unreadable` on a file that can be neither read nor made.
 */
export async function loadKey(source: KeySource): Promise<Uint8Array> {
  const fromEnv = source.env[source.keyEnv];
  if (fromEnv) return checked(withoutNewline(Buffer.from(fromEnv)), `the key in ${source.keyEnv}`);
  try {
    const bytes = (await readIfPresent(source.keyFile)) ?? (await made(source));
    return checked(withoutNewline(bytes), `the key in privacy.keyFile = ${source.keyFile}`);
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError('file-unreadable', { path: source.keyFile, why: messageOf(error) }, { cause: error });
  }
}

async function made({ keyFile, keyEnv, mayMake, logger }: KeySource): Promise<Buffer> {
  if (!mayMake) throw new SluiceError('key-missing', { keyEnv, keyFile });
  if (await makeKey(keyFile))
    logger.warn('made a new pseudonym key; keep it: without it pseudonyms change', { keyFile });
  return readFile(keyFile);
}

/**
 * Makes a key file, mode 0600, with 32 random bytes written in hex. Never replaces one: two processes that start at once
 * end up with one key. @returns false when there was one
 */
export async function makeKey(keyFile: string): Promise<boolean> {
  await mkdir(dirname(keyFile), { recursive: true });
  const draft = `${keyFile}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link appears whole or not at all and never replaces a file, so a racing process cannot read half a key.
    await link(draft, keyFile);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function withoutNewline(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (bytes[end - 1] === NEWLINE) end -= 1;
  if (bytes[end - 1] === RETURN) end -= 1;
  return bytes.subarray(0, end);
}

function checked(key: Buffer, what: string): Uint8Array {
  if (key.length >= MIN_KEY_BYTES) return key;
  throw new SluiceError('config-invalid', {
    problems: `${what} has ${key.length} bytes, at least ${MIN_KEY_BYTES} are needed`,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
