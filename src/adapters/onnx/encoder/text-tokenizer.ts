import type { EncoderWorkerSettings } from './protocol.js';
import { wideText } from './text-form.js';
import { openTokenizer, type Tokenize } from './tokenize.js';

/** A tokenizer behind the form and the prefix of the config. @throws encoder-file-invalid */
export function openTextTokenizer({
  tokenizerPath,
  textForm,
  prefix,
  maxTokens,
}: Pick<EncoderWorkerSettings, 'tokenizerPath' | 'textForm' | 'prefix' | 'maxTokens'>): Tokenize {
  const tokenize = openTokenizer(tokenizerPath, maxTokens);
  const formed = textForm === 'nfkc' ? wideText : (text: string) => text;
  return Object.assign((text: string) => tokenize(prefix + formed(text)), { shareOf: tokenize.shareOf });
}
