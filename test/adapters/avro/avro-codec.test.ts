import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { avroCodec } from '../../../src/adapters/avro/avro-codec.js';
import { schemaText } from '../../../src/adapters/avro/schema-files.js';
import { SluiceError } from '../../../src/errors.js';
import type { Codec } from '../../../src/ports/codec.js';
import type { ImpressionList, TrainingSample } from '../../../src/events/index.js';
import { impressionLists, trainingSamples } from '../../laws/arbitraries.js';
import { canonical } from '../../laws/codec-laws.js';

const lists = avroCodec<ImpressionList>(schemaText('ImpressionList'));
const samples = avroCodec<TrainingSample>(schemaText('TrainingSample'), { float32Fields: new Set(['features']) });

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SluiceError) return error.reason;
    throw error;
  }
  throw new Error('it did not throw');
}

function codecOf(schema: object) {
  return avroCodec<Record<string, unknown>>(JSON.stringify(schema));
}

/** A long as Avro writes it, of any 64 bits. */
function zigZag(n: bigint): Buffer {
  let rest = BigInt.asUintN(64, (n << 1n) ^ (n >> 63n));
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

describe('plain Avro', () => {
  test('avsc reads what Sluice wrote, and writes the same bytes', () => {
    const type = avsc.Type.forSchema(JSON.parse(schemaText('ImpressionList')) as avsc.Schema, { wrapUnions: false });
    fc.assert(
      fc.property(impressionLists, (any) => {
        // avsc itself loses the last bit of a long beyond 2^52, and a map key that is the name of the prototype.
        fc.pre(!JSON.stringify(any).includes('"__proto__"'));
        const list = { ...any, eventTimeMs: any.eventTimeMs % 2 ** 52 };
        const value = Buffer.from(lists.encode(list));
        const read: unknown = type.fromBuffer(value);
        expect(canonical(read)).toEqual(canonical(list));
        expect(type.toBuffer(read)).toEqual(value);
      }),
    );
  });

  test('features come as a Float32Array, whatever number of blocks they were written in', () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'S',
      fields: [{ name: 'features', type: { type: 'array', items: 'float' } }],
    });
    const codec = avroCodec<{ features: Float32Array }>(schema, { float32Fields: new Set(['features']) });
    const floats = Buffer.alloc(8);
    floats.writeFloatLE(0.5, 0);
    floats.writeFloatLE(-2, 4);
    // A block of one, a block of one with its length in bytes, the end.
    const blocks = Buffer.concat([
      Buffer.from([0x02]),
      floats.subarray(0, 4),
      Buffer.from([0x01, 0x08]),
      floats.subarray(4),
      Buffer.from([0]),
    ]);
    expect(codec.decode(blocks).features).toEqual(Float32Array.of(0.5, -2));
    expect(codec.decode(Buffer.from([0])).features).toEqual(new Float32Array(0));
  });

  test('a long beyond 2^53 comes as its digits; a length beyond it, or more than ten bytes, is undecodable', () => {
    const type = { type: 'record', name: 'L', fields: [{ name: 'n', type: 'long' }] };
    const codec = codecOf(type);
    for (const n of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      expect(codec.decode(codec.encode({ n }))).toEqual({ n });
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
        const read = codec.decode(zigZag(n))['n'];
        expect(BigInt(read as number | string)).toBe(n);
        expect(typeof read).toBe(n === BigInt.asIntN(54, n) && n !== -(2n ** 53n) ? 'number' : 'string');
      }),
    );
    const text = codecOf({ type: 'record', name: 'T', fields: [{ name: 't', type: 'string' }] });
    expect(reasonOf(() => text.decode(zigZag(2n ** 60n)))).toContain('beyond 2^53');
    expect(reasonOf(() => codec.decode(Buffer.alloc(20, 0xff)))).toContain('more than ten bytes');
  });

  test('text that is not UTF-8 is undecodable, U+FFFD itself is text', () => {
    const codec = codecOf({ type: 'record', name: 'T', fields: [{ name: 't', type: 'string' }] });
    expect(reasonOf(() => codec.decode(Buffer.from([0x04, 0xc3, 0x28])))).toContain('not UTF-8');
    expect(reasonOf(() => codec.decode(Buffer.from([40, ...Buffer.alloc(19, 0x61), 0xff])))).toContain('not UTF-8');
    expect(codec.decode(codec.encode({ t: '\ufffd' }))).toEqual({ t: '\ufffd' });
  });

  test('a map key named __proto__ reaches no prototype', () => {
    const codec = codecOf({
      type: 'record',
      name: 'M',
      fields: [{ name: 'm', type: { type: 'map', values: 'string' } }],
    });
    const { m } = codec.decode(
      Buffer.concat([Buffer.from([2, 18]), Buffer.from('__proto__'), Buffer.from([2, 0x78, 0])]),
    );
    expect(Object.getPrototypeOf(m)).toBe(Object.prototype);
    expect(Object.entries(m as object)).toEqual([['__proto__', 'x']]);
  });

  test('encoding names the field that the schema does not allow', () => {
    const list = {
      requestId: 'r',
      eventTimeMs: 1,
      surface: 'SEARCH',
      sessionId: 's',
      items: [{ itemId: 'i', position: 1, price: 'cheap' }],
    };
    expect(reasonOf(() => lists.encode(list as unknown as ImpressionList))).toBe(
      'field items[0].price = "cheap" is not valid: expected type double',
    );
    expect(reasonOf(() => lists.encode({ ...list, surface: 'MAP', items: [] } as unknown as ImpressionList))).toBe(
      'field surface = "MAP" is not valid: expected one of SEARCH, AD, RECOMMENDATION',
    );
    expect(reasonOf(() => lists.encode({ ...list, requestId: undefined } as unknown as ImpressionList))).toContain(
      'field requestId',
    );
  });

  test('after a failed encode the next record is whole', () => {
    const list: ImpressionList = { requestId: 'r', eventTimeMs: 1, surface: 'AD', sessionId: 's', items: [] };
    const before = lists.encode(list);
    expect(() => lists.encode({ ...list, eventTimeMs: 0.5 })).toThrow(SluiceError);
    expect(lists.encode(list)).toEqual(before);
  });
});

function expectDataErrorAtMost(codec: Codec<unknown>, bytes: Uint8Array): void {
  try {
    codec.decode(bytes);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.class !== 'data') throw error;
  }
}

describe('hostile bytes', () => {
  /** Seeded, so that a failure repeats. */
  function* randomBytes(count: number): Generator<Buffer> {
    let seed = 12_345;
    const next = () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    for (let i = 0; i < count; i++) yield Buffer.from(Array.from({ length: 1 + (i % 64) }, next));
  }

  test('100,000 random messages are decoded or refused as data, as themselves and inside a list', () => {
    const head = Buffer.from(
      lists.encode({ requestId: 'r', eventTimeMs: 1, surface: 'AD', sessionId: 's', items: [] }),
    );
    for (const bytes of randomBytes(50_000)) {
      expectDataErrorAtMost(lists, bytes);
      expectDataErrorAtMost(samples, Buffer.concat([head.subarray(0, head.length - 1), bytes]));
    }
  });

  test('a claim of 2^40 items is refused before anything is allocated', () => {
    const claim = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x40]);
    for (const type of ['null', 'float', 'string', { type: 'record', name: 'E', fields: [] }]) {
      for (const container of [
        { type: 'array', items: type },
        { type: 'map', values: type },
      ]) {
        const codec = codecOf({ type: 'record', name: 'R', fields: [{ name: 'f', type: container }] });
        expect(reasonOf(() => codec.decode(claim))).toContain('more items than bytes are left');
      }
    }
  });

  test('blocks of nothing cannot add up to more items than the message has bytes', () => {
    const codec = codecOf({
      type: 'record',
      name: 'R',
      fields: [{ name: 'f', type: { type: 'array', items: 'null' } }],
    });
    const blocks = Buffer.concat([Buffer.alloc(10_000, 0x7e), Buffer.from([0])]);
    expect(reasonOf(() => codec.decode(blocks))).toContain('more items than the message has bytes');
  });

  test('a recursive schema is read, to a depth', () => {
    const schema = { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'], default: null }] };
    const codec = codecOf(schema);
    const chain = (depth: number): Record<string, unknown> => ({ next: depth === 0 ? null : chain(depth - 1) });
    expect(codec.decode(codec.encode(chain(20)))).toEqual(chain(20));
    expect(reasonOf(() => codec.decode(Buffer.concat([Buffer.alloc(100_000, 0x02), Buffer.from([0])])))).toContain(
      'within each other',
    );
  });

  test('a view into a larger buffer is read alone', () => {
    fc.assert(
      fc.property(trainingSamples, (sample) => {
        const value = samples.encode(sample);
        const larger = Buffer.concat([Buffer.from('xx'), value, Buffer.from('yy')]);
        const view = new Uint8Array(larger.buffer, larger.byteOffset + 2, value.byteLength);
        expect(canonical(samples.decode(view))).toEqual(canonical(sample));
      }),
      { numRuns: 20 },
    );
  });
});

describe('a writer schema of its own', () => {
  const ours = schemaText('ImpressionList');

  test('a topic written with another schema is read with that one', () => {
    const schema = JSON.parse(ours) as { fields: { name: string }[] };
    const written = {
      ...schema,
      name: 'Shown',
      namespace: 'shop',
      fields: [...schema.fields.filter(({ name }) => name !== 'query'), { name: 'shard', type: 'int', default: 0 }],
    };
    const writer = codecOf(written);
    const known = new Set(schema.fields.map(({ name }) => name));
    const reader = avroCodec<ImpressionList>(ours, { knownFields: known }, JSON.stringify(written));
    const value = writer.encode({ requestId: 'r', eventTimeMs: 1, surface: 'AD', sessionId: 's', items: [], shard: 7 });
    expect(reader.decode(value)).toMatchObject({ requestId: 'r', query: null, context: { shard: '7' }, items: [] });
  });

  test('unions of many branches and fixed, bytes and booleans are read and written plain', () => {
    const codec = codecOf({
      type: 'record',
      name: 'Odd',
      fields: [
        { name: 'u', type: ['int', 'string', { type: 'map', values: 'long' }, 'boolean'] },
        { name: 'f', type: { type: 'fixed', name: 'F', size: 2 } },
        { name: 'b', type: ['bytes', 'null'], default: '' },
        { name: 'd', type: 'float', default: 0.5 },
      ],
    });
    for (const u of [7, 'x', { a: 1 }, true]) {
      const record = { u, f: Uint8Array.of(1, 2), b: Uint8Array.of(3), d: 0.25 };
      expect(canonical(codec.decode(codec.encode(record)))).toEqual(canonical(record));
    }
    expect(codec.decode(codec.encode({ u: 1, f: Uint8Array.of(0, 0), b: null }))).toMatchObject({ b: null, d: 0.5 });
  });
});
