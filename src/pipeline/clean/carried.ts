import type { Carried, CarriedValue } from '../../events/words.js';
import type { Headers } from '../../ports/transport.js';
import { maskText } from './mask.js';
import { compileMessagePath, type Look } from './message-path.js';
import type { TablePlace, TablePlaces, ValueOf } from './table-places.js';

/** Most numbers of a vector that is carried. */
const MOST_NUMBERS = 4_096;

/** A path to a header of the record that the message came in, not to a field of the message. */
const HEADER = /^headers\.(.+)$/;

/** Reads out of a message the fields that samples carry (`output.carry`), by their paths. */
export class CarriedReader {
  private readonly fields: readonly { readonly path: string; readonly look: Look }[];
  private readonly headers: readonly { readonly path: string; readonly name: string }[];
  private readonly ofTables: readonly { readonly path: string; readonly place: TablePlace }[];
  private readonly text: (text: string) => string;

  /**
   * @param paths at least one
   * @param settings masks: whether e-mail addresses, phone and card numbers are masked; maxTextLength: a longer text is cut
   * @param places of the fields of tables, which are read at the turn of the list: {@link fromTables}
   */
  constructor(
    readonly paths: readonly string[],
    { masks, maxTextLength }: { readonly masks: boolean; readonly maxTextLength: number },
    places?: TablePlaces,
  ) {
    const headers = paths.flatMap((path) => {
      const name = HEADER.exec(path)?.[1];
      return name === undefined ? [] : [{ path, name }];
    });
    this.ofTables = paths.flatMap((path) => {
      const place = places?.(path);
      return place ? [{ path, place }] : [];
    });
    const fields = paths.filter((path) => !HEADER.test(path) && !places?.(path));
    this.headers = headers;
    this.fields = fields.map((path) => ({ path, look: compileMessagePath(path) }));
    const cut = (text: string): string =>
      // By way of bytes: a slice would keep the whole text alive.
      text.length <= maxTextLength ? text : Buffer.from(text.slice(0, maxTextLength)).toString();
    this.text = masks ? (text) => maskText(cut(text)) : cut;
  }

  /**
   * The carried fields of one item; one that is not there is null.
   * @param headers of the record that the list came in
   */
  read(list: object, item: object, headers: Headers): Carried {
    const carried: Record<string, CarriedValue> = {};
    for (const { path, name } of this.headers) carried[path] = this.valueOf(headerOf(headers, name));
    for (const { path, look } of this.fields) carried[path] = this.valueOf(look(list, item));
    for (const { path } of this.ofTables) carried[path] = null;
    return carried;
  }

  /** The same with the fields of tables, which were null until then. */
  fromTables(read: Carried, valueOf: ValueOf): Carried {
    if (this.ofTables.length === 0) return read;
    const carried: Record<string, CarriedValue> = { ...read };
    for (const { path, place } of this.ofTables) carried[path] = this.valueOf(valueOf(place.table, place.field));
    return carried;
  }

  private valueOf(value: unknown): CarriedValue {
    switch (typeof value) {
      case 'string':
        return this.text(value.isWellFormed() ? value : value.toWellFormed());
      case 'number':
        return Number.isFinite(value) ? value : null;
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.ofObject(value);
      default:
        return null;
    }
  }

  /** A list of numbers as single precision, a time as ISO 8601, anything else as its JSON. */
  private ofObject(value: object): CarriedValue {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (Array.isArray(value) || value instanceof Float32Array) {
      const numbers = value as ArrayLike<unknown>;
      if (numbers.length > MOST_NUMBERS) return null;
      if (numbers.length > 0 && isNumbers(numbers)) return Float32Array.from(numbers as ArrayLike<number>);
    }
    return this.text(JSON.stringify(value));
  }
}

function headerOf(headers: Headers, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined;
}

function isNumbers(values: ArrayLike<unknown>): boolean {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'number') return false;
  return true;
}
