import { createHash } from 'node:crypto';
import type { Config } from '../../../config/schema.js';
import { mannerOf } from './built-in.js';
import type { EncoderFiles } from './files.js';
import { TEXT_FORM_VERSION } from './text-form.js';
import { shapesFor, shapesId } from './webgpu/shapes.js';

/**
 * Names everything a vector depends on: both files, pooling, length, device, form of the text and prefix, as in
 * `af8e26957306-da0e7993-mean-128`; with the device and its batch shapes behind it when that is not the CPU, the form when
 * texts are not taken as they are, and a hash of the prefix when there is one. At most 64 characters.
 */
export function encoderIdOf(
  files: EncoderFiles,
  settings: Pick<Config['encoder'], 'model' | 'pooling' | 'textForm' | 'prefix' | 'maxTokens' | 'device'>,
): string {
  const { prefix, maxTokens, device } = settings;
  const { pooling, textForm } = mannerOf(settings);
  const parts = [files.model.sha256.slice(0, 12), files.tokenizer.sha256.slice(0, 8), pooling, maxTokens];
  if (device !== 'cpu') parts.push(`${device}.${shapesId(shapesFor(maxTokens))}`);
  if (textForm !== 'as-is') parts.push(`${textForm}${TEXT_FORM_VERSION}`);
  if (prefix !== '') parts.push(createHash('sha256').update(prefix).digest('hex').slice(0, 8));
  return parts.join('-');
}
