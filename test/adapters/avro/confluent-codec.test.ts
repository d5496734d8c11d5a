import { beforeEach, describe, expect, test } from 'vitest';
import { avroCodec } from '../../../src/adapters/avro/avro-codec.js';
import { confluentCodec } from '../../../src/adapters/avro/confluent-codec.js';
import { ConfluentSchemas, schemaIdOf } from '../../../src/adapters/avro/confluent-schemas.js';
import { fingerprintOf } from '../../../src/adapters/avro/fingerprint.js';
import { jsonImpressions } from '../../../src/adapters/avro/json-codecs.js';
import { compileMessagePath } from '../../../src/pipeline/clean/message-path.js';
import { keepUnknownFields } from '../../../src/adapters/avro/keep-unknown.js';
import { IMPRESSION_LIST_FIELDS } from '../../../src/adapters/avro/known-fields.js';
import { schemaText } from '../../../src/adapters/avro/schema-files.js';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import type { RegistrySchema, SchemaRegistry, SubjectSchema } from '../../../src/adapters/registry/index.js';
import { SluiceError } from '../../../src/errors.js';
import type { ImpressionList, Interaction, LateInteraction, TrainingSample } from '../../../src/events/index.js';
import { impressionLists, interactions, lateInteractions, trainingSamples } from '../../laws/arbitraries.js';
import { canonical, codecLaws } from '../../laws/codec-laws.js';

/** A registry in memory that counts what it is asked. */
class MemoryRegistry implements Omit<SchemaRegistry, 'subjects'> {
  readonly url = 'memory';
  readonly schemas = new Map<number, RegistrySchema>();
  /** Schemas under subjects. */
  readonly subjects = new Map<string, SubjectSchema[]>();
  readonly asked: number[] = [];
  unreachable = false;
  open = 0;
  mostAtOnce = 0;

  async schemaById(id: number): Promise<RegistrySchema | null> {
    this.asked.push(id);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.open);
    await new Promise((done) => setImmediate(done));
    this.open--;
    if (this.unreachable) throw new SluiceError('schema-registry-unreachable', { url: 'memory', why: 'switched off' });
    return this.schemas.get(id) ?? null;
  }

  versions(subject: string): Promise<number[]> {
    return Promise.resolve((this.subjects.get(subject) ?? []).map(({ version }) => version));
  }

  version(subject: string, version: number | 'latest'): Promise<SubjectSchema | null> {
    const all = this.subjects.get(subject) ?? [];
    return Promise.resolve((version === 'latest' ? all.at(-1) : all.find((each) => each.version === version)) ?? null);
  }

  register(_: string, schema: string): Promise<number> {
    if (this.unreachable)
      return Promise.reject(new SluiceError('schema-registry-unreachable', { url: 'memory', why: 'switched off' }));
    const id = 100_000 + this.schemas.size;
    this.schemas.set(id, { schemaType: 'AVRO', texts: [schema] });
    return Promise.resolve(id);
  }
}

/** Lets time pass in steps, with room in between for answers that are under way. */
async function passing(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    for (let turns = 0; turns < 5; turns++) await new Promise((done) => setImmediate(done));
    await clock.advance(50);
  }
}

async function ready<T extends object>(
  name: 'ImpressionList' | 'Interaction' | 'TrainingSample' | 'LateInteraction',
  float32Fields = new Set<string>(),
) {
  const codec = confluentCodec<T>(
    new ConfluentSchemas(new MemoryRegistry(), new ManualClock({ skipSleeps: true })),
    `${name}-value`,
    schemaText(name),
    { float32Fields },
  );
  await codec.ready?.();
  return codec;
}

codecLaws('impressions as confluent', () => ready<ImpressionList>('ImpressionList'), impressionLists);
codecLaws('interactions as confluent', () => ready<Interaction>('Interaction'), interactions);
codecLaws(
  'training samples as confluent',
  () => ready<TrainingSample>('TrainingSample', new Set(['features'])),
  trainingSamples,
);
codecLaws('late interactions as confluent', () => ready<LateInteraction>('LateInteraction'), lateInteractions);

let registry: MemoryRegistry;
let clock: ManualClock;
let schemas: ConfluentSchemas;
beforeEach(() => {
  registry = new MemoryRegistry();
  clock = new ManualClock();
  schemas = new ConfluentSchemas(registry, clock);
});

function lists() {
  return confluentCodec<ImpressionList>(schemas, 'sluice.impressions-value', schemaText('ImpressionList'), {
    knownFields: IMPRESSION_LIST_FIELDS,
  });
}

function framed(id: number, value: Uint8Array = Buffer.alloc(0)): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, value]);
}

/** Adds a writer's schema to the registry and returns a message written with it. */
function written(id: number, schema: object, record: object): Uint8Array {
  const text = JSON.stringify(schema);
  registry.schemas.set(id, { schemaType: 'AVRO', texts: [text] });
  return framed(id, avroCodec<object>(text).encode(record));
}

const LIST = { requestId: 'r', eventTimeMs: 1, surface: 'AD', sessionId: 's', items: [] };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SluiceError) return `${error.code}: ${error.reason}`;
    throw error;
  }
  return 'nothing thrown';
}

describe('framing', () => {
  test('a message is a zero byte, the id in four bytes, the Avro record', async () => {
    const codec = lists();
    await codec.ready?.();
    const list: ImpressionList = { ...LIST, surface: 'AD', items: [] };
    const plain = avroCodec<ImpressionList>(schemaText('ImpressionList')).encode(list);
    expect(codec.encode(list)).toEqual(framed(100_000, plain));
    const schema = fingerprintOf(schemaText('ImpressionList'));
    expect(codec.headers?.()).toEqual({ 'sluice.schema': schema, 'sluice.schemaId': '100000' });
  });

  test('what is not framed is undecodable and asks the registry nothing', () => {
    for (const value of [Buffer.alloc(0), Buffer.from([0, 0, 0, 1]), Buffer.from('{"a":1}')]) {
      expect(lists().prepare([value, null])).toBeUndefined();
      expect(codeOf(() => lists().decode(value))).toContain('undecodable: confluent value of');
    }
    expect(registry.asked).toEqual([]);
  });

  test('encoding before ready is a bug that says so; a failed ready can be tried again', async () => {
    const codec = lists();
    expect(codeOf(() => codec.encode(LIST as unknown as ImpressionList))).toContain(
      'bug: the schema of sluice.impressions-value',
    );
    registry.unreachable = true;
    await expect(codec.ready?.()).rejects.toMatchObject({ code: 'schema-registry-unreachable' });
    registry.unreachable = false;
    await codec.ready?.();
    expect(codec.encode({ ...LIST, surface: 'AD', items: [] })).toHaveLength(5 + 11);
  });
});

describe('fetching schemas', () => {
  test('an id is asked for once, and a batch of known ids costs no promise', async () => {
    const value = written(7, JSON.parse(schemaText('ImpressionList')) as object, LIST);
    await Promise.all([lists().prepare([value, value]), lists().prepare([null, value])]);
    expect(lists().prepare([value, value])).toBeUndefined();
    expect(registry.asked).toEqual([7]);
    expect(lists().decode(value).requestId).toBe('r');
  });

  test('at most four questions are open at a time', async () => {
    await schemas.prepare(Array.from({ length: 50 }, (_, id) => framed(id)));
    expect(registry.asked).toHaveLength(50);
    expect(registry.mostAtOnce).toBe(4);
  });

  test('an id that is registered a moment late is no dead letter', async () => {
    const value = written(7, JSON.parse(schemaText('ImpressionList')) as object, LIST);
    const registered = registry.schemas.get(7)!;
    registry.schemas.delete(7);
    const prepared = schemas.prepare([value]);
    await passing(100);
    registry.schemas.set(7, registered);
    await passing(500);
    await prepared;
    expect(lists().decode(value).sessionId).toBe('s');
  });

  test('ids made up in small doses are asked for again once in ten seconds at the most', async () => {
    const first = schemas.prepare([framed(1)]);
    await passing(2_000);
    await first;
    expect(registry.asked).toEqual([1, 1, 1]);
    await schemas.prepare([framed(2)]);
    expect(registry.asked).toEqual([1, 1, 1, 2]);
  });

  test('an unknown id is a dead letter, and is asked for again after a minute', async () => {
    const value = framed(7);
    const prepared = schemas.prepare([value]);
    await passing(1_500);
    await prepared;
    expect(codeOf(() => lists().decode(value))).toBe('schema-unknown: schema id 7 is not in the registry');
    await clock.advance(58_000);
    expect(schemas.prepare([value])).toBeUndefined();
    await clock.advance(3_000);
    const late = written(7, JSON.parse(schemaText('ImpressionList')) as object, LIST);
    await schemas.prepare([late]);
    expect(lists().decode(late).sessionId).toBe('s');
  });

  test('an unreachable registry holds the batch back, and nothing is remembered of it', async () => {
    registry.unreachable = true;
    await expect(schemas.prepare([framed(7)])).rejects.toMatchObject({ code: 'schema-registry-unreachable' });
    registry.unreachable = false;
    expect(schemas.prepare([framed(7)])).toBeInstanceOf(Promise);
  });

  test('random ids without end are forgotten in turn', async () => {
    for (let first = 0; first < 30_000; first += 1_000)
      await schemas.prepare(Array.from({ length: 1_000 }, (_, i) => framed(first + i)));
    expect(schemas.prepare([framed(29_999)])).toBeUndefined();
    expect(schemas.prepare([framed(0)])).toBeInstanceOf(Promise);
  });
});

describe('schema evolution', () => {
  const ours = JSON.parse(schemaText('ImpressionList')) as { fields: { name: string }[] };
  const without = (...names: string[]) => ours.fields.filter(({ name }) => !names.includes(name));

  test('a producer that adds a field with a default keeps working, and the field is kept in context', async () => {
    const schema = {
      ...ours,
      fields: [
        ...ours.fields,
        { name: 'shard', type: 'int', default: 0 },
        { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
      ],
    };
    const value = written(7, schema, { ...LIST, shard: 3, tags: ['x'], context: { device: 'tv' } });
    await schemas.prepare([value]);
    expect(lists().decode(value)).toMatchObject({ requestId: 'r', context: { shard: '3', device: 'tv' } });
  });

  test('a producer that lacks optional fields keeps working, under a name of its own', async () => {
    const value = written(
      7,
      { ...ours, name: 'Shown', namespace: 'shop.v3', fields: without('userId', 'query', 'context') },
      LIST,
    );
    await schemas.prepare([value]);
    expect(canonical(lists().decode(value))).toEqual(canonical(LIST));
    expect(lists().decode(value)).toMatchObject({ userId: null, query: null, context: null });
  });

  test('a producer whose types differ is decoded as it wrote: one bad field is for the clean stage to name', async () => {
    const value = written(
      7,
      { ...ours, fields: [...without('eventTimeMs'), { name: 'eventTimeMs', type: 'string' }] },
      { ...LIST, eventTimeMs: 'noon' },
    );
    await schemas.prepare([value]);
    expect(lists().decode(value).eventTimeMs).toBe('noon');
  });

  test('a type that only the producer knows reaches the clean stage too', async () => {
    const surface = { type: 'enum', name: 'Surface', symbols: ['AD', 'MAP'] };
    const value = written(
      7,
      { ...ours, fields: [...without('surface'), { name: 'surface', type: surface }] },
      { ...LIST, surface: 'MAP' },
    );
    await schemas.prepare([value]);
    expect(lists().decode(value).surface).toBe('MAP');
  });

  test('a schema that refers to others is read with them', async () => {
    const item = { type: 'record', name: 'Thing', namespace: 'shop', fields: [{ name: 'itemId', type: 'string' }] };
    const list = {
      type: 'record',
      name: 'Page',
      fields: [{ name: 'items', type: { type: 'array', items: 'shop.Thing' } }],
    };
    registry.schemas.set(7, { schemaType: 'AVRO', texts: [JSON.stringify(item), JSON.stringify(list)] });
    const value = framed(7, Buffer.from([2, 2, 0x61, 0]));
    await schemas.prepare([value]);
    expect(lists().decode(value).items).toEqual([{ itemId: 'a' }]);
  });

  test('a schema that is not Avro, not a record or not JSON makes its messages undecodable, with the id', async () => {
    registry.schemas.set(1, { schemaType: 'PROTOBUF', texts: ['message X {}'] });
    registry.schemas.set(2, { schemaType: 'AVRO', texts: ['"string"'] });
    registry.schemas.set(3, { schemaType: 'AVRO', texts: ['{'] });
    for (const id of [1, 2, 3]) {
      await schemas.prepare([framed(id)]);
      expect(codeOf(() => lists().decode(framed(id)))).toMatch(new RegExp(`^undecodable: .*schema ${id}`));
    }
  });

  test('a sample written before a field with a default existed has the default', async () => {
    const schema = JSON.parse(schemaText('TrainingSample')) as { fields: { name: string }[] };
    const sample = {
      sampleId: 'a',
      requestId: 'r',
      surface: 'AD',
      eventTimeMs: 1,
      closeTimeMs: 2,
      sessionPseudonym: 's',
      pseudonymKeyId: 'k',
      itemId: 'i',
      position: 1,
      label: 0,
      outcome: 'NONE',
      value: 0,
      features: [0.5],
      featureSetId: 'f',
      importance: 0,
      scorer: 's',
      inclusionProbability: 1,
      importanceWeight: 1,
      logOddsOffset: 0,
      snapshotVersion: 'none',
    };
    const value = written(7, { ...schema, fields: schema.fields.filter(({ name }) => name !== 'embeddings') }, sample);
    const codec = confluentCodec<TrainingSample>(schemas, 's', schemaText('TrainingSample'), {
      float32Fields: new Set(['features']),
    });
    await schemas.prepare([value]);
    expect(codec.decode(value)).toMatchObject({ embeddings: null, features: Float32Array.of(0.5) });
  });
});

describe('JSON behind a schema id', () => {
  const readJson = (value: Uint8Array): unknown => jsonImpressions().decode(value);
  const listsWithJson = () =>
    confluentCodec<ImpressionList>(
      schemas,
      's',
      schemaText('ImpressionList'),
      { knownFields: IMPRESSION_LIST_FIELDS },
      { readJson },
    );

  test('is read as JSON without a registry is, unknown fields kept', async () => {
    registry.schemas.set(7, { schemaType: 'JSON', texts: ['{"type":"object"}'] });
    const value = framed(7, Buffer.from(JSON.stringify({ ...LIST, shard: 4 })));
    await schemas.prepare([value]);
    expect(listsWithJson().decode(value)).toEqual(jsonImpressions().decode(value.subarray(5)));
    expect(listsWithJson().decode(value).context).toEqual({ shard: '4' });
  });

  test('that is broken is undecodable with the schema id; other types still say what they are', async () => {
    registry.schemas.set(7, { schemaType: 'JSON', texts: ['{}'] });
    registry.schemas.set(8, { schemaType: 'PROTOBUF', texts: ['message X {}'] });
    for (const [id, why] of [
      [7, 'JSON of schema 7: not JSON'],
      [8, 'schema 8 is of type PROTOBUF'],
    ] as const) {
      const value = framed(id, Buffer.from('x'));
      await schemas.prepare([value]);
      expect(codeOf(() => listsWithJson().decode(value))).toContain(why);
    }
  });
});

describe('the schema that is written with', () => {
  const text = schemaText('Interaction');
  const parsed = JSON.parse(text) as { fields: { name: string }[] };
  const INTERACTION = {
    interactionId: 'i',
    eventTimeMs: 1,
    type: 'CLICK',
    sessionId: 's',
    itemId: 'a',
  } as unknown as Interaction;
  const version = (id: number, schema: object | string, schemaType = 'AVRO'): SubjectSchema => ({
    id,
    version: id,
    schemaType,
    texts: [typeof schema === 'string' ? schema : JSON.stringify(schema)],
  });
  const codecOf = (mode: 'register' | 'look-up' | 'latest') =>
    confluentCodec<Interaction>(schemas, 's', text, { knownFields: new Set() }, { mode });

  test('is found among the versions of its subject, whatever else they are, and nothing is registered', async () => {
    const others = [version(1, '"string"'), version(2, text), version(3, 'no schema'), version(4, '{}', 'JSON')];
    registry.subjects.set('s', others);
    const codec = codecOf('look-up');
    await codec.ready?.();
    expect(schemaIdOf(codec.encode(INTERACTION))).toBe(2);
    expect(registry.schemas.size).toBe(0);
  });

  test('is taken for ours though its texts and blanks are others', async () => {
    const told = { ...parsed, doc: 'of another team', fields: parsed.fields.map((field) => ({ ...field, doc: '?' })) };
    registry.subjects.set('s', [version(9, told)]);
    const codec = codecOf('look-up');
    await codec.ready?.();
    expect(codec.headers?.()['sluice.schemaId']).toBe('9');
  });

  test.each([
    ['no such subject', []],
    ['versions 2, 1 are other schemas', [version(1, '"string"'), version(2, '"int"')]],
  ])('that is not there is an error with subject and reason: %s', async (why, versions) => {
    registry.subjects.set('s', versions);
    await expect(codecOf('look-up').ready?.()).rejects.toMatchObject({
      code: 'schema-not-registered',
      details: { subject: 's', why: expect.stringContaining(why) as string },
    });
  });

  test('is the newest of the subject in the mode for it: fields we lack take its defaults, fields it lacks are left out', async () => {
    const fields = [
      ...parsed.fields.filter(({ name }) => name !== 'dwellMs'),
      { name: 'team', type: 'string', default: 'search' },
    ];
    registry.subjects.set('s', [version(1, text), version(5, { ...parsed, fields })]);
    const codec = codecOf('latest');
    await codec.ready?.();
    const value = codec.encode({ ...INTERACTION, dwellMs: 4 });
    registry.schemas.set(5, version(5, { ...parsed, fields }));
    await schemas.prepare([value]);
    const read = confluentCodec<object>(schemas, 's', text, {}).decode(value);
    expect(read).toMatchObject({ interactionId: 'i', team: 'search' });
    expect(codec.headers?.()['sluice.schema']).not.toBe(fingerprintOf(text));
  });

  test.each([
    ['a field that nobody fills', { ...parsed, fields: [...parsed.fields, { name: 'team', type: 'string' }] }, 'AVRO'],
    ['another record', { ...parsed, name: 'Order' }, 'AVRO'],
    ['another type of schema', '{}', 'JSON'],
  ])('is refused before the first record when it cannot hold ours: %s', async (_, schema, schemaType) => {
    registry.subjects.set('s', [version(3, schema, schemaType)]);
    await expect(codecOf('latest').ready?.()).rejects.toMatchObject({
      code: 'schema-not-writable',
      details: { subject: 's', version: 3, schemaId: 3 },
    });
  });

  test('that is the newest already is not registered again; one that was changed is', async () => {
    registry.subjects.set('s', [version(6, text)]);
    const codec = codecOf('register');
    await codec.ready?.();
    expect([schemaIdOf(codec.encode(INTERACTION)), registry.schemas.size]).toEqual([6, 0]);
    registry.subjects.set('s', [version(6, { ...parsed, doc: 'older text' })]);
    await codecOf('register').ready?.();
    expect(registry.schemas.size).toBe(1);
  });
});

describe('Protobuf behind a schema id', () => {
  const listsWithProtobuf = () =>
    confluentCodec<ImpressionList>(
      schemas,
      's',
      schemaText('ImpressionList'),
      { knownFields: IMPRESSION_LIST_FIELDS },
      { fromProtobuf: (record) => keepUnknownFields(record, IMPRESSION_LIST_FIELDS) },
    );
  const list = 'syntax = "proto3"; message List { string request_id = 1; int64 event_time_ms = 2; int32 shard = 3; }';

  test('is read by the names of its JSON, unknown fields kept', async () => {
    registry.schemas.set(9, { schemaType: 'PROTOBUF', texts: [list] });
    const value = framed(9, Buffer.from([0, 0x0a, 1, 0x72, 0x10, 0x80, 1, 0x18, 4]));
    await schemas.prepare([value]);
    expect(listsWithProtobuf().decode(value)).toEqual({
      requestId: 'r',
      eventTimeMs: 128,
      shard: 4,
      context: { shard: '4' },
    });
  });

  test('has vectors where it has a list of them by name, or a map', async () => {
    const text = `syntax = "proto3"; message Asked { repeated Named vectors = 1; } message Named { string name = 1; repeated float values = 2; }
      message Mapped { map<string, Vector> vectors = 1; } message Vector { repeated float values = 1; }`;
    registry.schemas.set(11, { schemaType: 'PROTOBUF', texts: [text] });
    const query = [0x0a, 5, ...Buffer.from('query')];
    const packed = [8, ...Buffer.from(Float32Array.of(0.5, -1).buffer)];
    const listed = framed(11, Buffer.from([0, 0x0a, 17, ...query, 0x12, ...packed]));
    const mapped = framed(11, Buffer.from([2, 4, 0x0a, 19, ...query, 0x12, 10, 0x0a, ...packed]));
    await schemas.prepare([listed, mapped]);
    const found = compileMessagePath('vectors.query');
    for (const value of [listed, mapped]) expect(found(listsWithProtobuf().decode(value), {})).toEqual([0.5, -1]);
  });

  test.each([
    ['cut short', list, [0, 0x0a, 9, 0x72], 'Protobuf of schema 10: index out of range'],
    ['of a message that its schema lacks', list, [2, 4], 'Protobuf of schema 10: no message 2'],
    ['of a schema that is none', 'message {', [0], 'Protobuf of schema 10: '],
  ])('%s is undecodable with the schema id', async (_, text, bytes, why) => {
    registry.schemas.set(10, { schemaType: 'PROTOBUF', texts: [text] });
    const value = framed(10, Buffer.from(bytes));
    await schemas.prepare([value]);
    expect(codeOf(() => listsWithProtobuf().decode(value))).toContain(why);
  });
});
