import { createHash } from 'node:crypto';
import type { Config } from '../../../config/schema.js';
import { mannerOf } from './built-in.js';
import type { EncoderFiles } from './files.js';
import { TEXT_FORM_VERSION } from './text-form.js';

/**
 * Names everything a vector depends on: both files, pooling, length, form of the text and prefix, as in
 * `af8e26957306-da0e7993-mean-128`, with the form behind it when texts are not taken as they are, and a hash of the prefix
 * when there is one. At most 64 characters.
 */
export function encoderIdOf(
  files: EncoderFiles,
  settings: Pick<Config['encoder'], 'model' | 'pooling' | 'textForm' | 'prefix' | 'maxTokens'>,
): string {
  const { pooling, textForm } = mannerOf(settings);
  const parts = [files.model.sha256.slice(0, 12), files.tokenizer.sha256.slice(0, 8), pooling, settings.maxTokens];
  if (textForm !== 'as-is') parts.push(`${textForm}${TEXT_FORM_VERSION}`);
  if (settings.prefix !== '') parts.push(createHash('sha256').update(settings.prefix).digest('hex').slice(0, 8));
  return parts.join('-');
}
