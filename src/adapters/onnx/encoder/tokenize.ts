import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { messageOf, SluiceError } from '../../../errors.js';

/** A tokenizer: token ids of a text, special tokens included. */
export interface Tokenize {
  (text: string): readonly number[];
  /** Counts the tokens of a text's content and those of them that the vocabulary does not know. */
  readonly shareOf: (ids: readonly number[]) => TokenShare;
}

/** Tokens of some texts, special ones left out. */
export interface TokenShare {
  readonly tokenCount: number;
  readonly unknownCount: number;
}

/**
 * Opens a tokenizer.json as a function that cuts at `maxTokens`: the content is shortened from its end and the special
 * tokens around it stay, as the reference implementation truncates. Lone surrogates count as U+FFFD.
 * Throws `encoder-file-invalid` when the file is not a tokenizer or `maxTokens` leaves no room for content.
 */
export function openTokenizer(path: string, maxTokens: number): Tokenize {
  const refuse = (why: string, cause?: unknown) => new SluiceError('encoder-file-invalid', { path, why }, { cause });
  let tokenizer: Tokenizer;
  let unknownId: number | undefined;
  let bare: readonly number[];
  let framed: readonly number[];
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as TokenizerFile;
    tokenizer = new Tokenizer(file, {});
    unknownId = unknownIdOf(file, tokenizer);
    bare = tokenizer.encode('a', { add_special_tokens: false }).ids;
    framed = tokenizer.encode('a').ids;
  } catch (thrown) {
    throw refuse(messageOf(thrown), thrown);
  }
  const start = framed.indexOf(bare[0]!);
  if (bare.length === 0 || start < 0)
    throw refuse('the token of "a" is not among its tokens with special ones around it');
  const after = framed.slice(start + bare.length);
  const room = maxTokens - start - after.length;
  if (room < 1)
    throw refuse(`encoder.maxTokens = ${maxTokens} leaves no room beside ${start + after.length} special tokens`);
  const tokenize = (text: string): readonly number[] => {
    const ids = tokenizer.encode(wellFormed(text)).ids;
    if (ids.length <= maxTokens) return ids;
    return [...ids.slice(0, start + room), ...after];
  };
  const shareOf = (ids: readonly number[]): TokenShare => ({
    tokenCount: ids.length - start - after.length,
    unknownCount: unknownId === undefined ? 0 : ids.reduce((count, id) => count + (id === unknownId ? 1 : 0), 0),
  });
  return Object.assign(tokenize, { shareOf });
}

interface TokenizerFile {
  readonly model?: { readonly unk_token?: string | null; readonly unk_id?: number | null };
}

/** The id that stands for what a vocabulary does not know; undefined where it spells everything (bytes). */
function unknownIdOf({ model }: TokenizerFile, tokenizer: Tokenizer): number | undefined {
  if (typeof model?.unk_id === 'number') return model.unk_id;
  return typeof model?.unk_token === 'string' ? tokenizer.token_to_id(model.unk_token) : undefined;
}

/** The text with every lone surrogate replaced by U+FFFD, as UTF-8 would carry it. */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}
