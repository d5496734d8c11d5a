import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRegistry, type RunningRegistry } from '../../../scripts/apicurio.mjs';
import { createCodecs, type Codecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { createSchemaRegistry } from '../../../src/adapters/registry/index.js';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import { trainingSamples } from '../../laws/arbitraries.js';
import { canonical, decodeFetched } from '../../laws/codec-laws.js';

/** A real registry, not a fake of ours: needs Java, hence in the Kafka suite. */
let registry: RunningRegistry;
const dir = mkdtempSync(join(tmpdir(), 'sluice-apicurio-'));
beforeAll(async () => {
  registry = await startRegistry({ dir });
});
afterAll(async () => {
  await registry?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const clock = new ManualClock({ skipSleeps: true });

function codecs(prefix: string, changes: ConfigInput['wire'] = {}): Codecs {
  const { wire, topics } = configSchema.parse({
    topics: { prefix },
    wire: { inputFormat: 'confluent', outputFormat: 'confluent', registryUrl: registry.url, ...changes },
  });
  return createCodecs({ wire, topics, clock, logger: new RecordingLogger() });
}

async function compatibilityOf(subject: string): Promise<unknown> {
  const response = await fetch(`${registry.url}/config/${subject}`);
  return ((await response.json()) as { compatibilityLevel?: unknown }).compatibilityLevel;
}

describe('a real schema registry', () => {
  test('what one process encodes another one decodes', async () => {
    const writer = codecs('one.');
    await writer.training.ready?.();
    const reader = codecs('one.');
    for (const sample of fc.sample(trainingSamples, 50)) {
      expect(canonical(await decodeFetched(reader.training, writer.training.encode(sample)))).toEqual(
        canonical(sample),
      );
    }
  });

  test('every schema of ours is accepted, under TOPIC-value, and accepted again', async () => {
    const { impressions, interactions, training, audit, late } = codecs('two.');
    for (const codec of [impressions, interactions, training, audit, late]) await codec.ready?.();
    await codecs('two.').training.ready?.();
    const response = await fetch(`${registry.url}/subjects/two.training-value/versions`);
    expect(await response.json()).toEqual([1]);
  });

  test('a new subject is backward compatible', async () => {
    await codecs('three.').audit.ready?.();
    expect(await compatibilityOf('three.audit-value')).toBe('BACKWARD');
  });

  test('a schema that breaks readers is refused with what is wrong', async () => {
    const client = createSchemaRegistry({ url: registry.url, clock, logger: new RecordingLogger() });
    const schema = (fields: object[]) => JSON.stringify({ type: 'record', name: 'A', fields });
    await client.register('broken-value', schema([]));
    await expect(client.register('broken-value', schema([{ name: 'a', type: 'string' }]))).rejects.toMatchObject({
      code: 'schema-incompatible',
    });
    await client.register('broken-value', schema([{ name: 'a', type: 'string', default: '' }]));
  });

  test('an id that nobody registered is null', async () => {
    expect(
      await createSchemaRegistry({ url: registry.url, clock, logger: new RecordingLogger() }).schemaById(4_000_000),
    ).toBeNull();
  });

  test('a schema id beyond 32 bits signed is asked for, not a crash', async () => {
    const codec = codecs('four.').training;
    const value = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]);
    await expect(decodeFetched(codec, value)).rejects.toMatchObject({ code: 'schema-unknown' });
  });

  test.each(['look-up', 'latest'] as const)('%s needs the right to read alone', async (registrySchemas) => {
    const before = codecs('five.');
    for (const codec of [before.training, before.audit, before.late]) await codec.ready?.();
    const proxy = await readOnly(registry.url);
    try {
      const mine = codecs('five.', { registrySchemas, registryUrl: proxy.url });
      for (const codec of [mine.training, mine.audit, mine.late]) await codec.ready?.();
      expect(mine.training.headers?.()).toEqual(before.training.headers?.());
      const [sample] = fc.sample(trainingSamples, 1);
      expect(mine.training.encode(sample!)).toEqual(before.training.encode(sample!));
      // The newest is ours already: nothing is to be written, and nothing is.
      await codecs('five.', { registryUrl: proxy.url }).training.ready?.();
      await expect(codecs('six.', { registryUrl: proxy.url }).training.ready?.()).rejects.toThrow('look-up');
      await expect(
        codecs('six.', { registrySchemas, registryUrl: proxy.url }).training.ready?.(),
      ).rejects.toMatchObject({ code: 'schema-not-registered', details: { subject: 'six.training-value' } });
    } finally {
      await proxy.close();
    }
  });

  test.each(['record', 'topic-record'] as const)('a subject may be named by %s', async (subjectNames) => {
    const { training } = codecs('seven.', { subjectNames });
    await training.ready?.();
    const subject = `${subjectNames === 'record' ? '' : 'seven.training-'}sluice.v1.TrainingSample`;
    const response = await fetch(`${registry.url}/subjects/${subject}/versions/latest`);
    expect(await response.json()).toMatchObject({ subject, id: Number(training.headers?.()['sluice.schemaId']) });
  });

  test('a schema that refers to another is read with it', async () => {
    const item = { type: 'record', name: 'Shown', namespace: 'shop', fields: [{ name: 'itemId', type: 'string' }] };
    const list = {
      type: 'record',
      name: 'Page',
      fields: [
        { name: 'requestId', type: 'string' },
        { name: 'items', type: { type: 'array', items: 'shop.Shown' } },
      ],
    };
    await post('shown-value', { schema: JSON.stringify(item) });
    const references = [{ name: 'shop.Shown', subject: 'shown-value', version: 1 }];
    const id = await post('page-value', { schema: JSON.stringify(list), references });
    const value = framed(id, Buffer.from([2, 0x72, 2, 2, 0x61, 0]));
    const decoded = await decodeFetched(codecs('eight.').impressions, value);
    expect(decoded).toMatchObject({ requestId: 'r', items: [{ itemId: 'a' }] });
  });

  test('JSON of a JSON Schema is read', async () => {
    const id = await post('json-value', {
      schema: '{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}',
      schemaType: 'JSON',
    });
    const value = framed(id, Buffer.from('{"requestId":"r","items":[],"shard":3}'));
    expect(await decodeFetched(codecs('nine.').impressions, value)).toMatchObject({
      requestId: 'r',
      context: { shard: '3' },
    });
  });

  test('Protobuf is read, with what its schema imports', async () => {
    const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'protobuf');
    const text = (name: string): string => readFileSync(join(fixtures, name), 'utf8');
    const schemaType = 'PROTOBUF';
    await post('common-value', { schema: text('shop/common.proto'), schemaType });
    const references = [{ name: 'shop/common.proto', subject: 'common-value', version: 1 }];
    const id = await post('shown-protobuf-value', { schema: text('shop.proto'), schemaType, references });
    const [{ hex }] = JSON.parse(text('messages.json')) as [{ hex: string }];
    const value = framed(id, Buffer.from(hex, 'hex').subarray(5));
    expect(await decodeFetched(codecs('ten.').impressions, value)).toMatchObject({
      requestId: 'r1',
      eventTimeMs: 1_767_225_600_123,
      surface: 'SEARCH',
      items: [
        { itemId: 'a', position: 0, price: 0 },
        { itemId: 'b', position: 1 },
      ],
      context: { device: 'phone', isTest: 'true', traceNumber: '18446744073709551615' },
    });
  });
});

function framed(id: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, bytes]);
}

async function post(subject: string, body: object): Promise<number> {
  const response = await fetch(`${registry.url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { id, message } = (await response.json()) as { id?: number; message?: string };
  if (id === undefined) throw new Error(`${response.status}: ${message}`);
  return id;
}

/** The registry as somebody sees it who may only read. */
async function readOnly(url: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.method !== 'GET') return void outgoing.writeHead(403).end('{"message":"read only"}');
    void fetch(`${url}${incoming.url ?? ''}`).then(async (answer) => {
      outgoing.writeHead(answer.status).end(await answer.text());
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
