import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createCodecs, type Codecs } from '../../../src/adapters/avro/index.js';
import { schemaText } from '../../../src/adapters/avro/schema-files.js';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import { registryServer, type RegistryServer } from '../registry/registry-server.js';

const dir = mkdtempSync(join(tmpdir(), 'sluice-codecs-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let server: RegistryServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  delete process.env['SLUICE_TEST_REGISTRY_AUTH'];
});

function codecs(config: ConfigInput): Codecs {
  const { wire, topics } = configSchema.parse(config);
  return createCodecs({ wire, topics, clock: new ManualClock({ skipSleeps: true }), logger: new RecordingLogger() });
}

describe('codecs of a config', () => {
  test('inputs and outputs have formats of their own', () => {
    const { impressions, interactions, training, audit, late } = codecs({
      wire: { inputFormat: 'avro', outputFormat: 'confluent' },
    });
    expect([impressions, interactions, training, audit, late].map(({ format }) => format)).toEqual([
      'avro',
      'avro',
      'confluent',
      'confluent',
      'confluent',
    ]);
  });

  test('only a codec that needs somebody to encode can be made ready', () => {
    const { impressions, training } = codecs({ wire: { inputFormat: 'json', outputFormat: 'confluent' } });
    expect([impressions.ready, typeof training.ready]).toEqual([undefined, 'function']);
  });

  test('with a mapping, input records come as the producer wrote them', () => {
    const { impressions, interactions } = codecs({ wire: { mapping: 'shop.yaml' } });
    expect(impressions.decode(Buffer.from('{"rid":"r1"}'))).toEqual({ rid: 'r1' });
    expect(interactions.decode(Buffer.from('{"iid":"r1"}'))).toEqual({ iid: 'r1' });
  });

  test.each([
    ['topic', ['sluice.training-value', 'sluice.late-value']],
    ['record', ['sluice.v1.TrainingSample', 'sluice.v1.LateInteraction']],
    ['topic-record', ['sluice.training-sluice.v1.TrainingSample', 'sluice.late-sluice.v1.LateInteraction']],
  ] as const)('subjects are named by %s', async (subjectNames, subjects) => {
    server = await registryServer(() => ({ status: 200, body: { id: 1, schema: '{}' } }));
    const made = codecs({ wire: { outputFormat: 'confluent', registryUrl: server.url, subjectNames } });
    for (const codec of [made.training, made.late]) await codec.ready?.();
    const posts = server.requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual(subjects.map((subject) => `/subjects/${subject}/versions`));
  });

  test.each(['look-up', 'latest'] as const)(
    '%s asks a registry that refuses every write nothing but to read',
    async (registrySchemas) => {
      server = await registryServer(({ method, path }) => {
        if (method !== 'GET') return { status: 403, body: { message: 'read only' } };
        if (path.endsWith('/versions')) return { status: 200, body: [1] };
        const name = path.includes('.late-') ? 'LateInteraction' : 'TrainingSample';
        return { status: 200, body: { id: 31, version: 1, schema: schemaText(name) } };
      });
      const made = codecs({ wire: { outputFormat: 'confluent', registryUrl: server.url, registrySchemas } });
      for (const codec of [made.training, made.audit, made.late]) await codec.ready?.();
      expect(made.late.headers?.()['sluice.schemaId']).toBe('31');
    },
  );

  test('a registry that refuses to be written names the setting for that', async () => {
    server = await registryServer(({ method }) => ({ status: method === 'GET' ? 404 : 403, body: {} }));
    const made = codecs({ wire: { outputFormat: 'confluent', registryUrl: server.url } });
    await expect(made.training.ready?.()).rejects.toThrow('wire.registrySchemas = look-up');
  });

  test('subjects are the topic names with -value, and credentials come from the named variable', async () => {
    server = await registryServer(() => ({ status: 200, body: { id: 1, schema: '{}' } }));
    process.env['SLUICE_TEST_REGISTRY_AUTH'] = 'me:secret';
    const made = codecs({
      topics: { prefix: 'eu.', names: { audit: 'judging.v2' } },
      wire: { outputFormat: 'confluent', registryUrl: server.url, registryAuthEnv: 'SLUICE_TEST_REGISTRY_AUTH' },
    });
    for (const codec of [made.training, made.audit, made.late]) await codec.ready?.();
    const posts = server.requests.filter(({ method }) => method === 'POST');
    expect(posts.map(({ path }) => path)).toEqual(
      ['eu.training', 'judging.v2', 'eu.late'].map((topic) => `/subjects/${topic}-value/versions`),
    );
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set([`Basic ${Buffer.from('me:secret').toString('base64')}`]),
    );
  });
});

describe('wire.avroSchemas', () => {
  const file = join(dir, 'shown.avsc');
  const withSchema = (text: string) => {
    writeFileSync(file, text);
    return codecs({ wire: { inputFormat: 'avro', avroSchemas: { interactions: file } } });
  };

  test('reads a topic with the schema its producer writes', () => {
    const { interactions } = withSchema(
      '{"type":"record","name":"Clicked","fields":[{"name":"interactionId","type":"string"},{"name":"app","type":"string"}]}',
    );
    expect(interactions.decode(Buffer.from([2, 0x61, 4, 0x76, 0x32]))).toMatchObject({
      interactionId: 'a',
      userId: null,
      context: { app: 'v2' },
    });
  });

  test('a file that is missing, or no schema of a record, names option, file and reason', () => {
    expect(() =>
      codecs({ wire: { inputFormat: 'avro', avroSchemas: { interactions: join(dir, 'none.avsc') } } }),
    ).toThrow('none.avsc');
    expect(() => withSchema('{"type":"record"')).toThrow(`wire.avroSchemas.interactions = ${file}: not an Avro schema`);
    expect(() => withSchema('"string"')).toThrow('the schema is not of a record');
  });
});
