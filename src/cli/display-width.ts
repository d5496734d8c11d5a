/** Columns that a text takes in a terminal: two for Chinese, Japanese, Korean and full-width characters and for emoji, none for marks on others. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!ZERO.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The text with spaces before or after it up to a width in columns. */
export function padded(text: string, width: number, side: 'start' | 'end'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'start' ? spaces + text : text + spaces;
}

const ASCII = /^[ -~]*$/;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
// Unicode TR 11, East Asian Width W and F, by blocks.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u;
