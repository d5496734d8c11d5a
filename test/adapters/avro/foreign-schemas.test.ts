import avsc from 'avsc';
import { describe, expect, test } from 'vitest';
import { avroCodec } from '../../../src/adapters/avro/avro-codec.js';
import { parseAvroSchemas } from '../../../src/adapters/avro/avro-type.js';
import { IMPRESSION_LIST_FIELDS, INTERACTION_FIELD_NAMES } from '../../../src/adapters/avro/known-fields.js';
import { schemaText } from '../../../src/adapters/avro/schema-files.js';
import { WireFault } from '../../../src/adapters/avro/wire-fault.js';
import { cleanList, type CleanedList } from '../../../src/pipeline/clean/clean.js';
import { configOf, T0 } from '../../pipeline/kit.js';

type Schema = Record<string, unknown>;

const record = (name: string, fields: Record<string, unknown>): Schema => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
});
const HEAD = { requestId: 'string', eventTimeMs: 'long', surface: 'string', sessionId: 'string' };
const listSchema = (item: Record<string, unknown>, head: Record<string, unknown> = {}): Schema =>
  record('ImpressionList', { ...HEAD, ...head, items: { type: 'array', items: record('Item', item) } });
const PLAIN = { itemId: 'string', position: 'int' };

/** Bytes as another library writes them, logical types as the type under them. */
function written(schema: Schema, value: unknown): Buffer {
  return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false, registry: {} }).toBuffer(value);
}

function decoded(schema: Schema, value: Schema): Schema {
  const codec = avroCodec<Schema>(
    schemaText('ImpressionList'),
    { knownFields: IMPRESSION_LIST_FIELDS },
    JSON.stringify(schema),
  );
  return codec.decode(written(schema, { requestId: 'r', eventTimeMs: T0, surface: 'AD', sessionId: 's', ...value }));
}

function cleaned(schema: Schema, value: Schema): CleanedList['list'] {
  const verdict = cleanList(decoded(schema, value), T0, configOf().clean);
  if ('code' in verdict) throw new Error(verdict.reason);
  return verdict.list;
}

describe('what other producers write is read as the Java client reads it', () => {
  const long = avsc.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (n: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(n);
      return bytes;
    },
    fromJSON: BigInt,
    toJSON: String,
    isValid: (n: unknown) => typeof n === 'bigint',
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
  });
  const writtenExactly = (schema: Schema, value: unknown): Buffer =>
    avsc.Type.forSchema(schema as avsc.Schema, { registry: { long } }).toBuffer(value);

  test('a long that nobody asked for costs nothing, and long ids stay three', () => {
    const schema = listSchema({ itemId: 'long', position: 'int' }, { traceId: 'long' });
    const codec = avroCodec<Schema>(
      schemaText('ImpressionList'),
      { knownFields: IMPRESSION_LIST_FIELDS },
      JSON.stringify(schema),
    );
    const read = codec.decode(
      writtenExactly(schema, {
        requestId: 'r',
        eventTimeMs: BigInt(T0),
        surface: 'AD',
        sessionId: 's',
        traceId: 0x7fedcba987654321n,
        items: [0n, 1n, 2n].map((n) => ({ itemId: 9007199254740992n + n, position: 1 + Number(n) })),
      }),
    );
    expect(read['context']).toEqual({ traceId: String(0x7fedcba987654321n) });
    const { list } = cleanList(read, T0, configOf().clean) as CleanedList;
    expect(list.items.map(({ itemId }) => itemId)).toEqual([
      '9007199254740992',
      '9007199254740993',
      '9007199254740994',
    ]);
  });

  test('a decimal is its value, in bytes and in fixed', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 };
    const fixed = { type: 'fixed', name: 'Money', size: 4, logicalType: 'decimal', precision: 9, scale: 3 };
    const items = [{ itemId: 'a', position: 1, price: Buffer.from([0x04, 0xe2]) }];
    expect(cleaned(listSchema({ ...PLAIN, price: decimal }), { items }).items[0]!.price).toBe(12.5);
    const negative = { itemId: 'a', position: 1, price: Buffer.from([0xff, 0xff, 0xff, 0xff]) };
    expect(decoded(listSchema({ ...PLAIN, price: fixed }), { items: [negative] })['items']).toMatchObject([
      { price: '-0.001' },
    ]);
  });

  test('a decimal id or position is its whole number', () => {
    const whole = { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 0 };
    const items = [{ itemId: Buffer.from('0123456789abcdef01', 'hex'), position: Buffer.from([7]) }];
    expect(cleaned(listSchema({ itemId: whole, position: whole }), { items }).items).toMatchObject([
      { itemId: String(0x0123456789abcdef01n), position: 7 },
    ]);
  });

  test('a uuid of sixteen bytes is its text', () => {
    const uuid = { type: 'fixed', name: 'Uuid', size: 16, logicalType: 'uuid' };
    const items = [{ itemId: Buffer.from('00112233445566778899aabbccddeeff', 'hex'), position: 1 }];
    expect(cleaned(listSchema({ itemId: uuid, position: 'int' }), { items }).items[0]!.itemId).toBe(
      '00112233-4455-6677-8899-aabbccddeeff',
    );
  });

  test.each([
    ['timestamp-millis', 1],
    ['timestamp-micros', 1_000],
    ['local-timestamp-millis', 1],
    ['local-timestamp-micros', 1_000],
  ])('a %s is its time, whatever clean.timeUnit is', (logicalType, perMs) => {
    const schema = listSchema(PLAIN, { eventTimeMs: { type: 'long', logicalType } });
    const read = decoded(schema, { eventTimeMs: T0 * perMs + (perMs - 1), items: [{ itemId: 'a', position: 1 }] });
    for (const timeUnit of ['auto', 'ms', 's', 'ns'] as const)
      expect(cleanList(read, T0, { ...configOf().clean, timeUnit })).toMatchObject({ list: { eventTimeMs: T0 } });
  });

  test('a timestamp-nanos is its time to the millisecond', () => {
    const schema = listSchema(PLAIN, { eventTimeMs: { type: 'long', logicalType: 'timestamp-nanos' } });
    const codec = avroCodec<Schema>(
      schemaText('ImpressionList'),
      { knownFields: IMPRESSION_LIST_FIELDS },
      JSON.stringify(schema),
    );
    const bytes = writtenExactly(listSchema(PLAIN), {
      requestId: 'r',
      eventTimeMs: BigInt(T0) * 1_000_000n + 999_999n,
      surface: 'AD',
      sessionId: 's',
      items: [{ itemId: 'a', position: 1 }],
    });
    expect(codec.decode(bytes)['eventTimeMs']).toEqual(new Date(T0));
  });

  test('a date that nobody asked for is kept as a date', () => {
    const schema = listSchema(PLAIN, { day: { type: 'int', logicalType: 'date' } });
    const read = decoded(schema, { day: 20_370, items: [] });
    expect(read['context']).toEqual({ day: '2025-10-09' });
  });

  test('numbers are promoted, and bytes are text where we have text', () => {
    const schema = listSchema({ itemId: 'bytes', position: 'long', price: 'float', propensity: 'int' });
    const items = [{ itemId: Buffer.from('schuh-größe'), position: 1, price: 1.5, propensity: 1 }];
    expect(cleaned(schema, { items }).items[0]).toMatchObject({ itemId: 'schuh-größe', price: 1.5, propensity: 1 });
  });

  test('a renamed field that says so by an alias is read as ours, in items too', () => {
    const schema = {
      type: 'record',
      name: 'ImpressionList',
      fields: [
        { name: 'request', type: 'string', aliases: ['rid', 'requestId'] },
        ...Object.entries({ eventTimeMs: 'long', surface: 'string', sessionId: 'string' }).map(([name, type]) => ({
          name,
          type,
        })),
        {
          name: 'items',
          type: {
            type: 'array',
            items: {
              type: 'record',
              name: 'Item',
              fields: [
                { name: 'sku', type: 'string', aliases: ['itemId'] },
                { name: 'position', type: 'int' },
              ],
            },
          },
        },
      ],
    };
    const list = cleaned(schema, { request: 'r7', items: [{ sku: 'a', position: 1 }] });
    expect([list.requestId, list.items[0]!.itemId, list.context]).toEqual(['r7', 'a', {}]);
  });

  test('a default that does not fit its type plays no part in reading', () => {
    const schema = listSchema(PLAIN);
    (schema['fields'] as unknown[]).push({ name: 'userId', type: ['string', 'null'], default: null });
    const lenient = JSON.stringify(schema);
    const strict = listSchema(PLAIN);
    (strict['fields'] as unknown[]).push({ name: 'userId', type: ['string', 'null'] });
    const codec = avroCodec<Schema>(schemaText('ImpressionList'), { knownFields: IMPRESSION_LIST_FIELDS }, lenient);
    const value = { requestId: 'r', eventTimeMs: T0, surface: 'AD', sessionId: 's', items: [], userId: 'u' };
    expect(codec.decode(written(strict, value))['userId']).toBe('u');
  });

  test('an interaction whose value is a decimal has that value', () => {
    const schema = record('Interaction', {
      interactionId: 'string',
      eventTimeMs: 'long',
      type: 'string',
      sessionId: 'string',
      itemId: 'string',
      value: ['null', { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 1 }],
    });
    const codec = avroCodec<Schema>(
      schemaText('Interaction'),
      { knownFields: INTERACTION_FIELD_NAMES },
      JSON.stringify(schema),
    );
    const value = { interactionId: 'i', eventTimeMs: T0, type: 'CLICK', sessionId: 's', itemId: 'a' };
    expect(codec.decode(written(schema, { ...value, value: Buffer.from([0x7d]) }))['value']).toBe('12.5');
  });
});

describe('schemas', () => {
  test('names are found in their namespace, a type may hold itself, and letters of any script are names', () => {
    const type = parseAvroSchemas([
      '{"type":"enum","name":"shop.Kind","symbols":["A"]}',
      '{"type":"record","name":"Node","namespace":"shop","fields":[{"name":"größe","type":"Kind"},{"name":"next","type":["null","shop.Node"]}]}',
    ]);
    expect(type).toMatchObject({ kind: 'record', name: 'shop.Node', fields: [{ name: 'größe' }, { name: 'next' }] });
  });

  test('a type within a type, one named by an object, and names that only Java takes are what they say', () => {
    const type = parseAvroSchemas([
      JSON.stringify({
        type: 'record',
        name: 'R',
        fields: [
          {
            name: 'mode-1',
            type: { type: { type: 'enum', name: 'Art', symbols: ['grün'], default: 'blau' } },
            order: 'up',
          },
          { name: 'again', type: { type: 'Art' }, aliases: ['nochmal!'] },
        ],
      }),
    ]);
    const kind = { kind: 'enum', symbols: ['grün'] };
    expect(type).toMatchObject({
      kind: 'record',
      fields: [
        { name: 'mode-1', type: kind },
        { name: 'again', type: kind, aliases: ['nochmal!'] },
      ],
    });
  });

  test('a logical type that does not fit its type is the type under it, and what follows is read all the same', () => {
    const type = parseAvroSchemas([
      '{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"fixed","name":"F","size":4,"logicalType":"uuid"}},{"name":"b","type":"F"},{"name":"c","type":{"type":"bytes","logicalType":"decimal","scale":2}}]}',
      '{"type":"array","items":"F"}',
    ]);
    expect(type).toEqual({ kind: 'array', items: { kind: 'fixed', size: 4 } });
  });

  test.each(['"nothing"', '{"type":"record","name":"R"}', '{"type":"enum","name":"E"}', '[', '7', '{"type":"fixed"}'])(
    '%s is no schema',
    (text) => {
      expect(() => parseAvroSchemas([text])).toThrow(WireFault);
    },
  );

  test('a default that does not fit is not what a faulty schema is refused for', () => {
    const text =
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"},{"name":"b","type":"Gone"}]}';
    expect(() => parseAvroSchemas([text])).toThrow(
      expect.objectContaining({ why: expect.stringContaining('Gone') as string }),
    );
  });

  test('a schema nested a hundred thousand deep is refused, not followed', () => {
    const deep = `${'{"type":"array","items":'.repeat(100_000)}"int"${'}'.repeat(100_000)}`;
    expect(() => parseAvroSchemas([deep])).toThrow(WireFault);
  });
});
