import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { createSchemaRegistry, registryAccess } from '../../../src/adapters/registry/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { registryServer, type RegistryAnswer, type RegistryRequest, type RegistryServer } from './registry-server.js';

let server: RegistryServer | undefined;
afterEach(() => server?.close());

const clock = new ManualClock({ skipSleeps: true });
const logger = new RecordingLogger();

async function client(
  answer: (request: RegistryRequest, index: number) => RegistryAnswer | undefined,
  credentials?: string,
) {
  server = await registryServer(answer);
  // A trailing slash is what people write.
  const { wire } = configSchema.parse({ wire: { registryUrl: `${server.url}/`, registryAuthEnv: 'AUTH' } });
  const access = registryAccess({ wire, env: { AUTH: credentials }, clock, logger });
  return createSchemaRegistry({ ...access, clock, logger });
}

const ok = (body: unknown): RegistryAnswer => ({ status: 200, body });
const missing = (code: number): RegistryAnswer => ({ status: 404, body: { error_code: code, message: 'not found' } });

describe('the schema of an id', () => {
  test('is the text and the type that the registry holds; a type left out is AVRO', async () => {
    const registry = await client(({ path }) =>
      path === '/schemas/ids/7' ? ok({ schema: '"string"' }) : ok({ schema: '{}', schemaType: 'JSON' }),
    );
    expect(await registry.schemaById(7)).toEqual({ schemaType: 'AVRO', texts: ['"string"'] });
    expect(await registry.schemaById(8)).toEqual({ schemaType: 'JSON', texts: ['{}'] });
  });

  test('is null for an id that the registry does not know', async () => {
    expect(await (await client(() => missing(40_403))).schemaById(7)).toBeNull();
  });

  test('comes after all it refers to, each once, whatever refers to what', async () => {
    const reference = (subject: string) => ({ name: subject, subject, version: 1 });
    const registry = await client(({ path }) => {
      if (path === '/schemas/ids/1') return ok({ schema: 'root', references: [reference('a/b'), reference('c')] });
      if (path === '/subjects/a%2Fb/versions/1') return ok({ schema: 'ab', references: [reference('c')] });
      return path === '/subjects/c/versions/1' ? ok({ schema: 'c', references: [reference('a/b')] }) : missing(40_401);
    });
    expect((await registry.schemaById(1))?.texts).toEqual(['c', 'ab', 'root']);
  });
});

describe('the versions of a subject', () => {
  test('are numbers, oldest first; none where there is no subject', async () => {
    const registry = await client(({ path }) => (path.includes('/a%2Fb/') ? ok([2, 1]) : missing(40_401)));
    expect([await registry.versions('a/b'), await registry.versions('c')]).toEqual([[1, 2], []]);
  });

  test('are schemas with an id and what they refer to, or null', async () => {
    const registry = await client(({ path }) => {
      if (path === '/subjects/s/versions/latest')
        return ok({ id: 5, version: 2, schema: 'root', references: [{ name: 'r', subject: 'r', version: 1 }] });
      return path === '/subjects/r/versions/1' ? ok({ id: 4, version: 1, schema: 'r' }) : missing(40_402);
    });
    expect(await registry.version('s', 'latest')).toEqual({
      id: 5,
      version: 2,
      schemaType: 'AVRO',
      texts: ['r', 'root'],
    });
    expect(await registry.version('s', 3)).toBeNull();
  });
});

describe('failures', () => {
  test('a dropped connection, a busy and a failing registry are asked again', async () => {
    const registry = await client((_, index) =>
      index === 0
        ? undefined
        : ([
            { status: 429, body: {} },
            { status: 500, body: 'no JSON' },
          ][index - 1] ?? ok({ schema: 's' })),
    );
    expect((await registry.schemaById(7))?.texts).toEqual(['s']);
    expect(server?.requests).toHaveLength(4);
  });

  test('a registry that goes on failing is schema-registry-unreachable after five attempts, with its status', async () => {
    const registry = await client(() => ({ status: 503, body: {} }));
    await expect(registry.schemaById(7)).rejects.toMatchObject({
      code: 'schema-registry-unreachable',
      details: { why: 'status 503' },
    });
    expect(server?.requests).toHaveLength(5);
  });

  test('a registry that is not there says why', async () => {
    const registry = await client(() => ok({}));
    await server?.close();
    await expect(registry.schemaById(7)).rejects.toMatchObject({
      code: 'schema-registry-unreachable',
      details: { why: expect.stringContaining('ECONNREFUSED') as string },
    });
  });

  test('refused credentials are not tried again and name the option', async () => {
    const registry = await client(() => ({ status: 401, body: {} }), 'me:secret');
    await expect(registry.schemaById(7)).rejects.toThrow('registryAuthEnv');
    expect(server?.requests).toHaveLength(1);
  });

  test('credentials go in the header and never into an error', async () => {
    const registry = await client(() => ({ status: 401, body: {} }), 'me:secret');
    const error = await registry.schemaById(7).catch((thrown: unknown) => thrown as Error);
    expect(server?.requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/secret|bWU6c2VjcmV0/);
  });
});

describe('registering', () => {
  test('a new subject becomes backward compatible', async () => {
    const registry = await client(({ method }) => (method === 'GET' ? missing(40_401) : ok({ id: 12 })));
    expect(await registry.register('sluice.training-value', '"string"')).toBe(12);
    expect(server?.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/subjects/sluice.training-value/versions', undefined],
      ['POST', '/subjects/sluice.training-value/versions', { schema: '"string"', schemaType: 'AVRO' }],
      ['PUT', '/config/sluice.training-value', { compatibility: 'BACKWARD' }],
    ]);
  });

  test('the compatibility of a subject that exists is left alone', async () => {
    const registry = await client(({ method }) => ok(method === 'GET' ? [1] : { id: 12 }));
    expect(await registry.register('s', '"string"')).toBe(12);
    expect(server?.requests.some(({ method }) => method === 'PUT')).toBe(false);
  });

  test('a refused schema is schema-incompatible, with what the registry says', async () => {
    const registry = await client(({ method }) =>
      method === 'GET' ? ok([1]) : { status: 409, body: { message: 'field a was removed' } },
    );
    await expect(registry.register('s', '"string"')).rejects.toMatchObject({
      code: 'schema-incompatible',
      details: { subject: 's', why: 'status 409, field a was removed' },
    });
  });
});
