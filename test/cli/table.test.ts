import { describe, expect, it } from 'vitest';
import { displayWidth, padded } from '../../src/cli/display-width.js';
import { textTable } from '../../src/cli/table.js';

describe('text tables', () => {
  it.each([
    ['abc', 3],
    ['红色连衣裙', 10],
    ['ＮＩＫＥ', 8],
    ['ﾊﾟｿｺﾝ', 5],
    ['한국어', 6],
    ['ノート', 6],
    ['e\u0301', 1],
    ['👍', 2],
    ['𠜎', 2],
    ['отель', 5],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
    expect(displayWidth(padded(text, 12, 'start'))).toBe(12);
  });

  it('a column begins in the same place in every row, whatever stands before it', () => {
    const lines = textTable(
      ['title', 'clicks'],
      [
        ['红色连衣裙', 3],
        ['red dress', 12],
        ['Nike 跑步鞋', 7],
      ],
    )
      .trimEnd()
      .split('\n');
    expect(new Set(lines.map(displayWidth)).size).toBe(1);
  });
});
