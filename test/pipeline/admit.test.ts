import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroCodec } from '../../src/adapters/avro/avro-codec.js';
import { jsonImpressions, jsonInteractions } from '../../src/adapters/avro/json-codecs.js';
import { schemaText } from '../../src/adapters/avro/schema-files.js';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import { ERRORS, SluiceError } from '../../src/errors.js';
import type { ImpressionList, Interaction } from '../../src/events/words.js';
import { admit as admitAll, type Gate } from '../../src/pipeline/admit.js';
import type { Admitted } from '../../src/pipeline/admitted.js';
import { CarriedReader } from '../../src/pipeline/clean/carried.js';
import { ownFields } from '../../src/pipeline/clean/own-fields.js';
import { deadLetterFromRecord, deadLetterToRecord } from '../../src/pipeline/route/dead-letter-record.js';
import { decodeProgress } from '../../src/pipeline/progress/progress.js';
import type { LogRecord } from '../../src/ports/transport.js';
import { feed, live, outputsOf, progressOf, type World } from './instance.js';
import { configOf, T0 } from './kit.js';

const keyed = createPseudonymiser(new Uint8Array(32).fill(7));
const gateOf = (rest: Partial<Gate> = {}): Gate => ({
  partition: 3,
  topicNames: { impressions: 'shown', interactions: 'acted' },
  impressions: jsonImpressions(),
  interactions: jsonInteractions(),
  privacy: { keyed, requestIds: 'as-sent' },
  clean: configOf().clean,
  maxMessageBytes: 3_000_000,
  ...rest,
});
const avroGate = gateOf({
  impressions: avroCodec<ImpressionList>(schemaText('ImpressionList')),
  interactions: avroCodec<Interaction>(schemaText('Interaction')),
});

/** Without a mapping a message is one event. */
const admit = (...given: Parameters<typeof admitAll>): Admitted => {
  const [admitted, ...others] = admitAll(...given);
  expect(others).toEqual([]);
  return admitted!;
};

const utf8 = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const recordOf = (value: Uint8Array | null, offset = 5): LogRecord => ({
  offset,
  key: utf8('key'),
  value,
  timestampMs: T0 + 9,
  headers: {},
});

const LIST: ImpressionList = {
  requestId: 'r',
  eventTimeMs: T0,
  surface: 'SEARCH',
  sessionId: 's',
  userId: 'u',
  items: [{ itemId: 'a', position: 1, title: 't' }],
};
const CLICK: Interaction = { interactionId: 'i', eventTimeMs: T0, type: 'CLICK', sessionId: 's', itemId: 'a' };

/** Messages that the issue names, and the code each ends with. */
const BAD: readonly (readonly [string, Uint8Array | null, string])[] = [
  ['random bytes', Uint8Array.of(0xff, 0x00, 0x80, 0x13), 'undecodable'],
  ['a cut record', utf8(LIST).subarray(0, 40), 'undecodable'],
  ['no value', null, 'empty-message'],
  ['an empty value', new Uint8Array(0), 'undecodable'],
  ['an array', utf8([LIST]), 'undecodable'],
  ['4 MB', utf8({ ...LIST, query: 'x'.repeat(4_000_000) }), 'message-too-large'],
  [
    '10,000 items',
    utf8({ ...LIST, items: Array.from({ length: 10_000 }, (_, i) => ({ itemId: `i${i}`, position: i + 1 })) }),
    'too-many-items',
  ],
  ['the year 2100', utf8({ ...LIST, eventTimeMs: 4_102_444_800_000 }), 'time-in-future'],
  ['the year 1970', utf8({ ...LIST, eventTimeMs: 5 }), 'time-before-horizon'],
  ['a query of 1 MB', utf8({ ...LIST, query: 'x'.repeat(1_000_000) }), 'text-too-long'],
  ['a field named toString', utf8({ ...LIST, surface: { toString: 1, valueOf: 1 } }), 'invalid-field'],
  ['no session', utf8({ ...LIST, sessionId: undefined }), 'missing-field'],
];

describe('a message', () => {
  it('that stands for a batch nobody can take apart is one dead letter, cut, with its place and what the whole was', () => {
    const unreadable = {
      code: 'batch-too-large',
      reason: 'too large',
      packedBytes: 70_000,
      packedSha256: 'ab',
    } as const;
    const admitted = admit(gateOf(), 'impressions', { ...recordOf(utf8('begin')), key: null, unreadable });
    expect(admitted).toMatchObject({ kind: 'rejected', readCount: 1, deadLetters: [{ stage: 'decode' }] });
    const letter = admitted.kind === 'rejected' ? admitted.deadLetters[0]! : undefined;
    const record = deadLetterToRecord(letter!);
    expect(deadLetterFromRecord({ ...record, timestampMs: 0 })).toMatchObject({
      code: 'batch-too-large',
      reason: 'too large',
      sourceTopic: 'shown',
      sourcePartition: 3,
      sourceOffset: 5,
      payload: utf8('begin'),
      payloadBytes: 70_000,
      payloadSha256: 'ab',
    });
  });

  it('that is good comes out clean, and nobody in it has a name', () => {
    const admitted = admit(gateOf(), 'impressions', recordOf(utf8(LIST)));
    expect(admitted).toMatchObject({
      kind: 'list',
      input: 'impressions',
      offset: 5,
      timeMs: T0,
      readCount: 1,
      deadLetters: [],
      list: { session: keyed.pseudonym('session', 's'), user: keyed.pseudonym('user', 'u') },
    });
    expect(admit(gateOf(), 'interactions', recordOf(utf8(CLICK)))).toMatchObject({
      kind: 'interaction',
      timeMs: T0,
      interaction: { session: keyed.pseudonym('session', 's'), user: null },
    });
  });

  it.each(BAD)('of %s becomes one dead letter with its raw bytes', (_name, value, code) => {
    const record = recordOf(value);
    const admitted = admit(gateOf(), 'impressions', record);
    if (admitted.kind !== 'rejected') throw new Error('it was admitted');
    expect(admitted.timeMs).toBe(-Infinity);
    expect(admitted.deadLetters).toHaveLength(1);
    expect(admitted.deadLetters[0]).toMatchObject({
      code,
      sourceTopic: 'shown',
      sourcePartition: 3,
      sourceOffset: 5,
      itemIndex: null,
      sourceTimeMs: T0 + 9,
    });
    expect(Buffer.compare(admitted.deadLetters[0]!.payload, value ?? new Uint8Array(0))).toBe(0);
    expect(admitted.readCount).toBe(code === 'too-many-items' ? 10_000 : 1);
  });

  it('with bad items keeps the others, and is one dead letter that says which they were', () => {
    const items = [
      { itemId: 'a', position: 1 },
      { itemId: 'b', position: 2, title: 'x'.repeat(1_000_000) },
      { itemId: 'c', position: -1 },
    ];
    const admitted = admit(gateOf(), 'impressions', recordOf(utf8({ ...LIST, items })));
    if (admitted.kind !== 'list') throw new Error('it was not admitted');
    expect(admitted.readCount).toBe(3);
    expect(admitted.list.items.map(({ itemId }) => itemId)).toEqual(['a']);
    expect(admitted.refusedCount).toBe(2);
    expect(admitted.deadLetters).toMatchObject([
      { code: 'text-too-long', stage: 'clean', itemIndex: 1, refusedCount: 2 },
    ]);
    expect(admitted.deadLetters[0]!.refused.map(({ code, itemIndex }) => [code, itemIndex])).toEqual([
      ['text-too-long', 1],
      ['invalid-field', 2],
    ]);
  });

  it('that makes a stage throw is its dead letter, whatever is thrown and wherever', () => {
    const faults: readonly unknown[] = [
      new RangeError('Maximum call stack size exceeded'),
      new TypeError('no'),
      'text',
    ];
    for (const fault of faults) {
      const failing = (): never => {
        throw fault;
      };
      const admitted = admit(
        { ...gateOf(), mapping: { impressions: failing, interactions: failing } },
        'impressions',
        recordOf(utf8(LIST)),
      );
      expect(admitted).toMatchObject({
        kind: 'rejected',
        readCount: 1,
        deadLetters: [{ code: 'unprocessable', stage: 'map', refusedCount: 1 }],
      });
    }
  });

  it('does not pay for what is not its fault', () => {
    const unreachable = (): never => {
      throw new SluiceError('schema-registry-unreachable', { url: 'u', why: 'away' });
    };
    const gate = { ...gateOf(), mapping: { impressions: unreachable, interactions: unreachable } };
    expect(() => admit(gate, 'impressions', recordOf(utf8(LIST)))).toThrow('away');
  });

  it('of Avro, cut short at any byte, never throws; a price of NaN is left out', () => {
    const priced = {
      ...LIST,
      items: [
        { itemId: 'a', position: 1, price: NaN },
        { itemId: 'b', position: 2, price: 4 },
      ],
    };
    const value = avroGate.impressions.encode(priced);
    const whole = admit(avroGate, 'impressions', recordOf(value));
    expect(whole).toMatchObject({
      kind: 'list',
      readCount: 2,
      list: { items: [{ price: null }, { price: 4 }], ignoredCount: 1 },
      deadLetters: [],
    });
    for (let length = 0; length < value.length; length++)
      expect(admit(avroGate, 'impressions', recordOf(value.subarray(0, length))).kind).toBe('rejected');
  });

  it('of any bytes, in JSON or Avro, becomes something; what it becomes depends on it alone', () => {
    const mangled = fc.tuple(fc.nat(300), fc.uint8Array({ minLength: 1, maxLength: 6 })).map(([at, bytes]) => {
      const value = utf8(LIST).slice();
      value.set(bytes.subarray(0, Math.max(0, value.length - (at % value.length))), at % value.length);
      return value;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mangled, fc.json().map(utf8)), (value) => {
        for (const gate of [gateOf(), avroGate]) {
          for (const input of ['impressions', 'interactions'] as const) {
            const once = admit(gate, input, recordOf(value));
            expect(admit(gate, input, recordOf(value))).toEqual(once);
            if (once.kind === 'rejected')
              expect(ERRORS[once.deadLetters[0]!.code as keyof typeof ERRORS].class).toBe('data');
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a failure that is not the message's fault is thrown, not dead-lettered", () => {
    const unreachable = new SluiceError('schema-registry-unreachable', { url: 'u', why: 'w' });
    const codec = {
      ...jsonImpressions(),
      decode: () => {
        throw unreachable;
      },
    };
    expect(() => admit(gateOf({ impressions: codec }), 'impressions', recordOf(utf8(LIST)))).toThrow(unreachable);
  });
});

describe('a stream with bad messages among the good', () => {
  it('goes on: each bad one is a dead letter with its code, each good impression a sample', async () => {
    const world: World = {
      log: new MemoryLog(),
      clock: new ManualClock({ nowMs: T0 + 60_000 }),
      config: configOf({
        topics: { partitions: 1 },
        batch: { lingerMs: 0, commitEveryMs: 0 },
        decode: { maxMessageBytes: 3_000_000 },
        selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
      }),
    };
    const records = BAD.flatMap(([, value], i) => [
      value,
      utf8({ ...LIST, requestId: `good${i}`, eventTimeMs: T0 + i }),
    ]).map((value) => ({ topic: 'impressions' as const, key: null, value, partition: 0 }));
    await feed(world, records);
    expect((await live(world, { untilEnd: true })).isDone).toBe(true);
    const outputs = await outputsOf(world);
    const codes = outputs['dead-letters']!.map((line) => /"sluice\.code":"([^"]*)"/.exec(line)![1]);
    expect(codes.sort()).toEqual(BAD.map(([, , code]) => code).sort());
    expect(outputs['training']).toHaveLength(BAD.length);
    const { counts } = decodeProgress(await progressOf(world));
    expect(counts).toMatchObject({
      samplesKept: BAD.length,
      impressionsRead: 2 * BAD.length + 9_999,
      impressionsDeadLettered: BAD.length + 9_999,
    });
  });
});

it('a header of the record stands with every item of its list, for samples to carry', () => {
  const own = ownFields(undefined, new CarriedReader(['headers.traceparent'], { masks: true, maxTextLength: 100 }))!;
  const record = { ...recordOf(utf8(LIST)), headers: { traceparent: '00-4bf92f-01' } };
  expect(admit(gateOf({ own }), 'impressions', record)).toMatchObject({
    kind: 'list',
    list: { items: [{ carried: { 'headers.traceparent': '00-4bf92f-01' } }] },
  });
});
