import { isUtf8 } from 'node:buffer';
import { SluiceError } from '../../errors.js';
import { parseExactJson } from '../../events/exact-json.js';
import type { Codec } from '../../ports/codec.js';
import type { Fields } from './keep-unknown.js';

/** What a JSON codec does beside parsing and printing. */
export interface JsonShape<T> {
  /** Adjusts a freshly parsed object in place: unknown fields, typed arrays. */
  readonly afterParse?: (record: Fields) => void;
  readonly encode?: (record: T) => Uint8Array;
  /** True for records whose numbers are doubles by schema: integers beyond 2^53 stay numbers. */
  readonly isOwn?: boolean;
}

/**
 * A codec of one JSON object a message. Decoding is strict about UTF-8 and about there being exactly one object, and says
 * nothing about the fields: their types are as sent, so **the shape of a decoded record is unchecked** until the clean
 * stage has seen it. A byte-order mark is skipped;
 * integers beyond 2^53 come as their digits (`parseExactJson`). Throws `undecodable` with size and reason, never with text of the
 * payload.
 */
export function jsonCodec<T>(shape: JsonShape<T> = {}): Codec<T> {
  const { afterParse, encode = encodeJson, isOwn = false } = shape;
  const parse = isOwn ? (text: string): unknown => JSON.parse(text) : parseExactJson;
  return {
    format: 'json',
    prepare: () => undefined,
    decode(value) {
      const record = parseObject(value, parse);
      afterParse?.(record);
      return record as T;
    },
    encode,
  };
}

/** Prints a record with `JSON.stringify`; absent fields stay absent. */
function encodeJson(record: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function parseObject(value: Uint8Array, parse: (text: string) => unknown): Fields {
  if (!isUtf8(value)) throw undecodable(value, 'not UTF-8');
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let parsed: unknown;
  try {
    parsed = parse(bytes.toString('utf8', marked ? 3 : 0));
  } catch (error) {
    throw undecodable(value, whyNotJson(error));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw undecodable(value, `a JSON object was expected, this is ${kindOf(parsed)}`);
  }
  return parsed as Fields;
}

function undecodable(value: Uint8Array, why: string): SluiceError {
  return new SluiceError('undecodable', { format: 'json', bytes: value.byteLength, why });
}

/** V8's message quotes the payload, which may hold personal data; its position is all that leaves this function. */
function whyNotJson(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (message === 'Unexpected end of JSON input') return 'the JSON ends too early';
  const position = / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  return position === undefined ? 'not JSON' : `not JSON at position ${position}`;
}

function kindOf(parsed: unknown): string {
  if (parsed === null) return 'null';
  return Array.isArray(parsed) ? 'an array' : `a ${typeof parsed}`;
}
