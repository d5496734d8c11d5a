/**
 * What was wrong with bytes or with a value, found deep inside a record; the codec turns it into an error of the table.
 * Faults are thrown for hostile input by the thousand, so they carry no stack.
 */
export class WireFault {
  /** Field names and indexes from the record down to the fault. */
  readonly path: (string | number)[] = [];

  /** @param why says what is wrong without quoting the payload */
  constructor(readonly why: string) {}

  /** The path as text, `items[3].price`; empty at the top. */
  get field(): string {
    return this.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
      '',
    );
  }
}
