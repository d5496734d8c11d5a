import type { Config } from '../../../config/schema.js';
import { BUILT_IN, BUILT_IN_NAMES, type BuiltInName, builtInOf, builtInPath, mannerOf } from './built-in.js';
import { wideText } from './text-form.js';
import { openTokenizer, type TokenShare } from './tokenize.js';
import { HIGH_UNKNOWN_FRACTION, together, unknownFraction } from './unknown-tokens.js';

/**
 * Counts the tokens of some texts under an encoder's tokenizer, and the unknown ones. Works on the calling thread, some ten
 * thousand titles a second. @throws encoder-file-invalid
 */
export function tokenShare(settings: Config['encoder'], texts: readonly string[]): TokenShare {
  const { model, tokenizer, maxTokens } = settings;
  const path = tokenizer === 'builtin' ? builtInPath(builtInOf(model) ?? 'builtin-en', 'tokenizer') : tokenizer;
  return shareUnder(path, mannerOf(settings).textForm, maxTokens, texts);
}

function shareUnder(path: string, textForm: 'as-is' | 'nfkc', maxTokens: number, texts: readonly string[]): TokenShare {
  const tokenize = openTokenizer(path, maxTokens);
  const formed = textForm === 'nfkc' ? texts.map(wideText) : texts;
  return together(formed.map((text) => tokenize.shareOf(tokenize(text))));
}

/** Which built-in encoder reads some texts, and why. */
export interface BuiltInChoice {
  readonly model: BuiltInName;
  /** Texts that were looked at. */
  readonly textCount: number;
  /** Share of their tokens that each built-in encoder does not know. */
  readonly unknown: Readonly<Record<BuiltInName, number>>;
}

/** Tokens of a text that a choice looks at. */
const CHOICE_TOKENS = 128;

/**
 * Chooses the built-in encoder for some texts: English, unless it does not know more than {@link HIGH_UNKNOWN_FRACTION} of
 * their tokens and the Chinese one knows twice as many of those. A function of the texts.
 */
export function chooseBuiltIn(texts: readonly string[]): BuiltInChoice {
  const shares = BUILT_IN_NAMES.map((name) => {
    const share = shareUnder(builtInPath(name, 'tokenizer'), BUILT_IN[name].textForm, CHOICE_TOKENS, texts);
    return [name, unknownFraction(share)] as const;
  });
  const unknown = Object.fromEntries(shares) as Record<BuiltInName, number>;
  const isForeign = unknown['builtin-en'] > HIGH_UNKNOWN_FRACTION;
  const isBetter = unknown['builtin-zh'] <= unknown['builtin-en'] / 2;
  return { model: isForeign && isBetter ? 'builtin-zh' : 'builtin-en', textCount: texts.length, unknown };
}
