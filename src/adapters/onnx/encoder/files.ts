import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../../config/schema.js';
import { messageOf, SluiceError } from '../../../errors.js';

/** The encoder that ships with Sluice; models/README.md tells where it comes from. */
const BUILTIN = {
  model: {
    path: 'models/all-MiniLM-L6-v2/model.onnx',
    sha256: 'af8e26957306b1bebaf6f065eaf391955d0b4450a5cfeaffec2740604df074c8',
  },
  tokenizer: {
    path: 'models/all-MiniLM-L6-v2/tokenizer.json',
    sha256: 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
  },
} as const;

/** The package root; this file sits four folders below it both in src/ and in dist/. */
const PACKAGE_ROOT = new URL('../../../../', import.meta.url);

/** A file as it was when it was verified. */
export interface VerifiedFile {
  readonly path: string;
  /** SHA-256 of the whole file, lower-case hex. */
  readonly sha256: string;
}

export interface EncoderFiles {
  readonly model: VerifiedFile;
  readonly tokenizer: VerifiedFile;
}

/**
 * Reads and hashes the encoder's two files. Built-in ones must have the checksums of models/README.md; another model must
 * have `encoder.sha256` when that is given.
 * Throws `encoder-file-invalid` with the path when a file is unreadable or differs.
 */
export async function verifiedFiles(
  settings: Pick<Config['encoder'], 'model' | 'tokenizer' | 'sha256'>,
): Promise<EncoderFiles> {
  const [model, tokenizer] = await Promise.all([
    settings.model === 'builtin'
      ? verified(builtinPath('model'), BUILTIN.model.sha256)
      : verified(settings.model, settings.sha256.toLowerCase()),
    settings.tokenizer === 'builtin'
      ? verified(builtinPath('tokenizer'), BUILTIN.tokenizer.sha256)
      : verified(settings.tokenizer, ''),
  ]);
  return { model, tokenizer };
}

/** Absolute path of a built-in file, from src/ and from dist/ alike. */
export function builtinPath(file: keyof typeof BUILTIN): string {
  return fileURLToPath(new URL(BUILTIN[file].path, PACKAGE_ROOT));
}

/** Hashes a file and holds it against `expected`; an empty `expected` accepts any content. */
async function verified(path: string, expected: string): Promise<VerifiedFile> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (thrown) {
    throw new SluiceError('encoder-file-invalid', { path, why: messageOf(thrown) }, { cause: thrown });
  }
  const sha256 = hash.digest('hex');
  if (expected !== '' && sha256 !== expected) {
    throw new SluiceError('encoder-file-invalid', { path, why: `its SHA-256 is ${sha256}, expected ${expected}` });
  }
  return { path, sha256 };
}
