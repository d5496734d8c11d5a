/**
 * What was wrong with bytes or with a value, found deep inside a record; the codec turns it into an error of the table.
 * Faults are thrown for hostile input by the thousand, so they carry no stack.
 */
export class WireFault {
  /** Field names and indexes from the record down to the fault. */
  readonly path: (string | number)[] = [];

  /**
   * @param why what is wrong, without quoting the payload; of a value to be written, what was expected instead
   * @param found the value that was not as expected, cut short
   */
  constructor(
    readonly why: string,
    readonly found = '',
  ) {}

  /** The path as text, `items[3].price`; empty at the top. */
  get field(): string {
    return this.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
      '',
    );
  }
}

const SHOWN_LENGTH = 40;

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
