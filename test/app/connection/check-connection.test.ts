import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/adapters/system/index.js';
import { checkConnection, type Finding } from '../../../src/app/connection/check-connection.js';
import { clockFinding } from '../../../src/app/connection/clock-finding.js';
import { schemaText } from '../../../src/adapters/avro/index.js';
import { registryServer } from '../../adapters/registry/registry-server.js';
import { run } from '../../cli/shell.js';
import { embedded, World, type Changes } from '../fixture.js';

let world: World;
beforeEach(() => void (world = new World(embedded)));
afterEach(() => world.remove());

async function findings(changes: Changes = {}): Promise<readonly Finding[]> {
  const { config } = world.application();
  const found: Finding[] = [];
  const changed = { ...config, ...changes } as typeof config;
  for await (const finding of checkConnection(changed, { clock: systemClock })) found.push(finding);
  return found;
}

const problems = (found: readonly Finding[]) => found.filter(({ verdict }) => verdict === 'problem');

describe('on the embedded store', () => {
  test('a place that can be written, and a key that is there, are fine before the first start, which nothing is made for', async () => {
    const { config } = world.application();
    const found = await findings();
    expect(problems(found)).toEqual([]);
    expect(found.map(({ about }) => about)).toEqual(['store', 'store', 'key']);
    const again = await findings({ transport: config.transport });
    expect(again.find(({ about, what }) => about === 'store' && what.includes('first start'))).toBeDefined();
  });

  test('after a start the partitions of the inputs are told', async () => {
    const application = world.application({ topics: { partitions: 3 } });
    await application.withTransport(() => Promise.resolve());
    const found: Finding[] = [];
    for await (const finding of checkConnection(application.config, { clock: systemClock })) found.push(finding);
    expect(problems(found)).toEqual([]);
    expect(found.find(({ about }) => about === 'topics')?.what).toBe('partitions: impressions 3, interactions 3');
  });

  test('each place that cannot be used is a problem that names its option', async () => {
    const file = join(world.folder, 'file');
    writeFileSync(file, 'no folder');
    const { config } = world.application();
    const found = await findings({
      transport: { ...config.transport, path: join(file, 'store') },
      encoder: {
        ...config.encoder,
        enabled: true,
        model: join(world.folder, 'absent.onnx'),
        cachePath: join(file, 'c'),
      },
      privacy: { ...config.privacy, keyFile: join(file, 'key') },
      wire: { ...config.wire, mapping: join(world.folder, 'absent.yaml') },
      http: { ...config.http, control: true, tokenFile: join(world.folder, 'absent.token') },
    });
    const told = problems(found).map(({ what }) => what.split(':')[0]);
    expect(told).toEqual(
      expect.arrayContaining(['transport.path', 'encoder.model', 'wire.mapping', 'encoder.cachePath', 'http.control']),
    );
    expect(problems(found).some(({ about }) => about === 'key')).toBe(true);
    for (const { remedy } of problems(found)) expect(remedy).not.toBeNull();
  });
});

test('a model that another server has is no file of this machine', async () => {
  const { config } = world.application();
  const encoder = { ...config.encoder, enabled: true, kind: 'http' as const, model: 'bge-m3' };
  expect(problems(await findings({ encoder }))).toEqual([]);
});

describe('a registry that may only be read', () => {
  test.each([
    [true, 'the late topic is written with schema id 31'],
    [false, 'no schema of ours under the subject sluice.training-value'],
  ])('has our schemas (%s), or it is told before the start', async (isThere, told) => {
    const server = await registryServer(({ method, path }) => {
      if (method !== 'GET') return { status: 403, body: {} };
      if (path === '/subjects') return { status: 200, body: [] };
      if (!isThere) return { status: 404, body: {} };
      if (path.endsWith('/versions')) return { status: 200, body: [1] };
      const schema = schemaText(path.includes('.late-') ? 'LateInteraction' : 'TrainingSample');
      return { status: 200, body: { id: 31, version: 1, schema } };
    });
    try {
      const { wire } = world.application().config;
      const changed = { outputFormat: 'confluent', registrySchemas: 'look-up', registryUrl: server.url } as const;
      const found = await findings({ wire: { ...wire, ...changed } });
      expect(problems(found)).toHaveLength(isThere ? 0 : 1);
      expect(found.some(({ about, what }) => about === 'registry' && what.includes(told))).toBe(true);
    } finally {
      await server.close();
    }
  });
});

describe('a registry', () => {
  test.each([
    [200, ['a-value', 'b-value'], 'ok', /^http:.* answers: 2 subjects$/],
    [200, ['a-value'], 'ok', /answers: 1 subject$/],
    [401, {}, 'problem', /401/],
  ] as const)('that answers %i is told as such, with its subjects', async (status, body, verdict, told) => {
    const server = await registryServer(() => ({ status, body: body as object }));
    try {
      const { wire } = world.application().config;
      const found = await findings({ wire: { ...wire, inputFormat: 'confluent', registryUrl: server.url } });
      const registry = found.filter(({ about }) => about === 'registry');
      expect(registry).toEqual([expect.objectContaining({ verdict, what: expect.stringMatching(told) as string })]);
      expect(registry[0]!.remedy === null).toBe(verdict === 'ok');
    } finally {
      await server.close();
    }
  });
});

describe('the clock', () => {
  test('is a problem when it is further from the broker’s than the time server and the wire explain, and says which way', () => {
    expect(clockFinding({ aheadMs: 1_500, marginMs: 20 }).verdict).toBe('ok');
    expect(clockFinding({ aheadMs: 9_000, marginMs: 20 }).what).toContain('9.0 s behind');
    expect(clockFinding({ aheadMs: -9_000, marginMs: 20 }).what).toContain('9.0 s ahead of');
    expect(clockFinding({ aheadMs: 9_000, marginMs: 8_000 }).verdict).toBe('ok');
    expect(clockFinding(null).verdict).toBe('unknown');
  });
});

describe('sluice lint --connect', () => {
  let silent: Server;
  beforeEach(async () => {
    silent = createServer((socket) => socket.destroy());
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  });
  afterEach(() => void silent.close());

  const sets = (...each: string[]): string[] => each.flatMap((set) => ['--set', set]);

  test('ends with status 0 when a start would find all it needs, each thing a line', async () => {
    const at = sets(
      `transport.path=${join(world.folder, 's')}`,
      `privacy.keyFile=${join(world.folder, 'pseudonym.key')}`,
    );
    const ran = await run(['lint', '--connect', ...at, ...sets('encoder.enabled=false')]);
    expect(
      ran.stdout
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('ok')),
    ).toBe(true);
    expect(ran.stderr).toContain('0 problems');
    expect(ran.status).toBe(0);
  });

  test('ends with status 2 when somebody must change something, and 4 when a broker only does not answer', async () => {
    const missing = await run(['lint', '--connect', '--format', 'json', ...sets('wire.mapping=/absent.yaml')]);
    expect(missing.status).toBe(2);
    expect(JSON.parse(missing.stdout)).toMatchObject({ ok: false });

    const { port } = silent.address() as { port: number };
    const broker = sets('transport.kind=kafka', `transport.brokers=127.0.0.1:${port}`, 'encoder.enabled=false');
    const key = { SLUICE_PSEUDONYM_KEY: 'sixteen bytes and more' };
    process.env['SLUICE_PSEUDONYM_KEY'] = key.SLUICE_PSEUDONYM_KEY;
    try {
      const away = await run(['lint', '--connect', ...broker], key);
      expect(away.stdout).toMatch(/^problem {2}brokers {2}127\.0\.0\.1:\d+: no broker/m);
      expect(away.status).toBe(4);
    } finally {
      delete process.env['SLUICE_PSEUDONYM_KEY'];
    }
  });

  test('looks at nothing when the config itself is wrong', async () => {
    const ran = await run(['lint', '--connect', ...sets('selection.budget=2')]);
    expect(ran.stderr).toContain('correct the config first');
    expect(ran.status).toBe(2);
  });
});
