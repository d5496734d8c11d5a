import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { protobufReader } from '../../../src/adapters/protobuf/index.js';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'protobuf');
const text = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
/** As the registry gives them: what is imported comes first. */
const TEXTS = [text('shop/common.proto'), text('shop.proto')];
/** Made by confluent-kafka's ProtobufSerializer, with what protobuf's own JSON says of them (make.py). */
const MESSAGES = JSON.parse(text('messages.json')) as { name: string; hex: string; json: Record<string, unknown> }[];
/** Behind the magic byte and the schema id. */
const AT = 5;

/** The JSON of protobuf as we have it: 64-bit numbers are numbers where they can be, and what is empty is left out. */
function ours(json: unknown, name = ''): unknown {
  if (Array.isArray(json)) return json.map((each) => ours(each));
  if (typeof json === 'string' && ['eventTimeMs', 'cents', 'traceNumber'].includes(name))
    return Number.isSafeInteger(Number(json)) ? Number(json) : json;
  if (typeof json !== 'object' || json === null) return json;
  const isEmpty = (key: string, value: unknown): boolean =>
    key !== 'userId' && (value === '' || value === 'SURFACE_UNSPECIFIED' || JSON.stringify(value).length === 2);
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key, value]) => !isEmpty(key, value) || typeof value === 'number')
      .map(([key, value]) => [key, ours(value, key)]),
  );
}

describe('a value of the Protobuf serializer', () => {
  const read = protobufReader(TEXTS);

  it.each(MESSAGES)('reads as protobuf’s own JSON has it: $name', ({ hex, json }) => {
    expect(read(Buffer.from(hex, 'hex'), AT)).toEqual(ours(json));
  });

  it('that was spoilt throws an Error or reads as something, and nothing else', () => {
    const whole = Buffer.from(MESSAGES[0]!.hex, 'hex');
    fc.assert(
      fc.property(fc.nat(whole.length - AT - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const spoilt = Buffer.from(whole);
        spoilt[AT + at] = byte;
        try {
          read(spoilt.subarray(0, Math.max(AT, length)), AT);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it('of a message that its file lacks is refused by number', () => {
    expect(() => read(Buffer.from([0, 0, 0, 0, 1, 2, 14]), AT)).toThrow('no message 7');
  });

  it('of a file without a package, or that refers to itself, is read', () => {
    const nodes = protobufReader(['syntax = "proto3"; message Node { Node next = 1; int32 n = 2; }']);
    expect(nodes(Buffer.from([0, 0x0a, 0x02, 0x10, 5]), 0)).toEqual({ next: { n: 5 }, n: 0 });
  });

  it('of proto2 says what was left out by leaving it out', () => {
    const old = protobufReader(['syntax = "proto2"; message M { optional int32 a = 1; required string b = 2; }']);
    expect(old(Buffer.from([0, 0x12, 1, 0x78]), 0)).toEqual({ b: 'x' });
  });

  it('of a message nested beside a map is refused, for whoever counts the map finds another', () => {
    const nested = protobufReader([
      'syntax = "proto3"; message A { map<string, B> a = 1; message B { int32 b = 1; } }',
    ]);
    expect(() => nested(Buffer.from([4, 0, 0]), 0)).toThrow('with a map');
  });

  it('of no schema, or of one that imports what is not there, is refused', () => {
    expect(() => protobufReader(['{"type":"record"}'])).toThrow();
    expect(() => protobufReader(['syntax = "proto3"; message M { other.Thing a = 1; }'])).toThrow('other.Thing');
  });
});
