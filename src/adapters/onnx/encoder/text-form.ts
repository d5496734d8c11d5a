/**
 * Raised when {@link wideText} gives another form of some text: it is part of the encoder's id, so that no vector of the
 * old form is taken for one of the new.
 */
export const TEXT_FORM_VERSION = 1;

/**
 * Brings text of Chinese and Japanese sources to the form that their tokenizers know: named HTML entities decoded, signs of
 * trade marks dropped, then Unicode NFKC (full-width and half-width forms, circled digits, square units), rare ideographs set
 * apart, white space single.
 * Printable ASCII without entities is returned as it is.
 */
export function wideText(text: string): string {
  if (PLAIN.test(text)) return text;
  const decoded = text.replace(ENTITY, (whole, name: string) => NAMED[name] ?? whole);
  // NFKC would write ™ as the letters TM, glued to the name before it.
  return decoded.replace(MARKS, ' ').normalize('NFKC').replace(RARE, ' $& ').replace(/\s+/gu, ' ').trim();
}

const PLAIN = /^[ -%'-~]*$/;
/** Ideographs outside the Basic Multilingual Plane: the reference tokenizer takes each alone, ours would join them to one word. */
const RARE = /[\u{20000}-\u{3ffff}]/gu;
const MARKS = /[™℠®©]/gu;
const ENTITY = /&([a-zA-Z]{2,7});/g;

/** Beside the five of XML, those that shops write into titles. Cleaning has decoded numeric ones already. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ',
  yen: '¥', euro: '€', pound: '£', cent: '¢', times: '×', middot: '·', bull: '•', deg: '°', plusmn: '±', frac12: '½',
  hellip: '…', mdash: '—', ndash: '–', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»',
  trade: '™', reg: '®', copy: '©', micro: 'µ', sup2: '²', sup3: '³', Phi: 'Φ', phi: 'φ', Omega: 'Ω',
}; // prettier-ignore
