import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseBuiltIn, tokenShare } from '../../../../src/adapters/onnx/encoder/token-share.js';
import { unknownFraction } from '../../../../src/adapters/onnx/encoder/unknown-tokens.js';
import { PAIRS } from '../../../../src/lab/encoder-check/pairs.js';
import { encoderSettings } from './settings.js';

const english = JSON.parse(
  readFileSync(new URL('../../../fixtures/encoder-texts.json', import.meta.url), 'utf8'),
) as string[];

describe('the choice of a built-in encoder', () => {
  it.each([
    ['zh', 'builtin-zh'],
    ['zh-mixed', 'builtin-zh'],
    ['ja', 'builtin-zh'],
    ['en', 'builtin-en'],
    ['de', 'builtin-en'],
    ['ru', 'builtin-en'],
    ['ar', 'builtin-en'],
    ['hi', 'builtin-en'],
  ])('titles of %s are read by %s', (language, model) => {
    expect(chooseBuiltIn(PAIRS[language]!.flat()).model).toBe(model);
  });

  it('a stray text of another language in an English log changes nothing', () => {
    const { model, unknown, textCount } = chooseBuiltIn(english);
    expect(model).toBe('builtin-en');
    expect(unknown['builtin-en']).toBeLessThan(0.03);
    expect(textCount).toBe(english.length);
  });

  it('no texts choose English', () => {
    expect(chooseBuiltIn([]).model).toBe('builtin-en');
  });
});

describe('the share of unknown tokens', () => {
  it('is that of the tokenizer in the settings, after its form of the text', () => {
    const share = (model: string, texts: string[]) => unknownFraction(tokenShare(encoderSettings({ model }), texts));
    expect(share('builtin-en', ['螺丝刀'])).toBe(1);
    expect(share('builtin-zh', ['螺丝刀', 'ＮＩＫＥ', '㎡'])).toBe(0);
    expect(share('builtin-zh', [])).toBe(0);
  });
});
