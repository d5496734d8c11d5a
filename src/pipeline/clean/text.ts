/** Brings text to one form: Unicode NFC, runs of white space (any script's) to one space, ends trimmed. */
export function normaliseText(text: string): string {
  return (PLAIN.test(text) ? text : text.normalize('NFC').replace(WHITE_SPACE, ' ')).trim();
}

/** Text as the encoder reads it: entities decoded, lone surrogates replaced, tags dropped, then {@link normaliseText}. */
export function readableText(text: string): string {
  if (PLAIN.test(text) && !text.includes('&') && !text.includes('<')) return text.trim();
  return normaliseText(text.toWellFormed().replace(TAG, ' ').replace(ENTITY, decodeEntity));
}

// Printable ASCII with single spaces has one form already; most text is that.
const PLAIN = /^(?:[!-~]| (?! ))*$/;
const WHITE_SPACE = /[\s\u0085\u200b\ufeff]+/gu;
const TAG = /<\/?[a-z][^<>]{0,200}>/giu;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/giu;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntity(whole: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number.parseInt(decimal, 10);
  const valid = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return valid ? String.fromCodePoint(code) : whole;
}
