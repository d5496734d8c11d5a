/** Something of a person that people type into free text, and what stands there instead. */
const MASKS: readonly (readonly [pattern: RegExp, mask: (match: string) => string])[] = [
  // ASCII alone: in Chinese the words before an address touch it.
  [/(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z\d-]+(?:\.[A-Za-z\d-]+)+/g, () => '[email]'],
  // 13 to 19 digits, in groups or not, with the check digit of ISO/IEC 7812.
  [/(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g, (digits) => (hasCheckDigit(digits) ? '[card]' : digits)],
  // International numbers, the mobile numbers of China, and those written (555) 555-0100.
  [/(?<![\w.])(?:\+\d(?:[\s().-]?\d){7,14}|1[3-9]\d{9}|\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4})(?![\w])/g, () => '[phone]'],
];

/** Looks cheap: a text without either has nothing to mask. */
const SUSPECT = /@|\d{3}/;

/** Puts `[email]`, `[card]` and `[phone]` in place of what looks like one. Names and addresses it cannot see. */
export function maskText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return MASKS.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);
}

/** Luhn's formula: from the right, every second digit doubled, digits of the products summed, a multiple of ten. */
function hasCheckDigit(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = digit * (1 + (i % 2));
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
