import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wideText } from '../../../../src/adapters/onnx/encoder/text-form.js';

describe('the form of Chinese and Japanese texts', () => {
  it.each([
    ['ＮＩＫＥ　跑步鞋　男', 'NIKE 跑步鞋 男'],
    ['￥１，２９９', '¥1,299'],
    ['ﾉｰﾄﾊﾟｿｺﾝ', 'ノートパソコン'],
    ['㎡ ㈱ ① ２ｋｇ', 'm2 (株) 1 2kg'],
    ['Sony™ 耳机®', 'Sony 耳机'],
    ['32&times;50cm &hellip; 牛仔&nbsp;裤', '32×50cm ... 牛仔 裤'],
    ['𠜎𠜱好𠝹字', '𠜎 𠜱 好 𠝹 字'],
    ['R&D &unknown; 手机', 'R&D &unknown; 手机'],
  ])('%s is %s', (text, formed) => {
    expect(wideText(text)).toBe(formed);
  });

  it('printable ASCII without an entity is left as it is', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii' }).filter((text) => !text.includes('&'));
    fc.assert(
      fc.property(ascii, (text) => {
        expect(wideText(text)).toBe(text);
      }),
    );
  });

  it('forming twice is forming once', () => {
    const words = fc.constantFrom('ＡＢ', '跑鞋', '①', '𠜎', 'ﾊﾟ', '™', '　', ' ', 'x', '㎏', '…', 'é', 'ſ', 'ﬁ');
    fc.assert(
      fc.property(fc.array(words), (parts) => {
        const once = wideText(parts.join(''));
        expect(wideText(once)).toBe(once);
      }),
    );
  });
});
