import { createHash } from 'node:crypto';
import type { Config } from '../../../config/schema.js';
import type { EncoderFiles } from './files.js';

/**
 * Names everything a vector depends on: both files, pooling, length and prefix, as in
 * `af8e26957306-da0e7993-mean-128`, with a hash of the prefix behind it when there is one. At most 64 characters.
 */
export function encoderIdOf(
  files: EncoderFiles,
  settings: Pick<Config['encoder'], 'pooling' | 'prefix' | 'maxTokens'>,
): string {
  const parts = [
    files.model.sha256.slice(0, 12),
    files.tokenizer.sha256.slice(0, 8),
    settings.pooling,
    settings.maxTokens,
  ];
  if (settings.prefix !== '') parts.push(createHash('sha256').update(settings.prefix).digest('hex').slice(0, 8));
  return parts.join('-');
}
