import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../../config/schema.js';
import { messageOf, SluiceError } from '../../../errors.js';
import { BUILT_IN, type BuiltInName, builtInOf, builtInPath } from './built-in.js';

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
  const builtIn = builtInOf(settings.model);
  const [model, tokenizer] = await Promise.all([
    builtIn === undefined
      ? verified(settings.model, settings.sha256.toLowerCase())
      : verified(builtInPath(builtIn, 'model'), BUILT_IN[builtIn].sha256.model),
    settings.tokenizer === 'builtin' ? verifiedTokenizer(builtIn ?? 'builtin-en') : verified(settings.tokenizer, ''),
  ]);
  return { model, tokenizer };
}

function verifiedTokenizer(of: BuiltInName): Promise<VerifiedFile> {
  return verified(builtInPath(of, 'tokenizer'), BUILT_IN[of].sha256.tokenizer);
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
