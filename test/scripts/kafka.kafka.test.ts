import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/kafka.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-kafka-'));
const script = (...words: string[]) => spawnSync(process.execPath, [SCRIPT, ...words], { encoding: 'utf8' });
const here = ['--dir', join(folder, 'broker')];

afterAll(() => {
  script('stop', ...here);
  rmSync(folder, { recursive: true, force: true });
});

test('--help says how on stdout, with status 0; what is not understood is named, with status 2', () => {
  const help = script('--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('--port');
  for (const words of [
    [],
    ['restart'],
    ['start', '--prot', '1'],
    ['start', '--nodes', '4'],
    ['start', '--port', 'x'],
  ]) {
    const { status, stdout, stderr } = script(...words, ...here);
    expect([status, stdout], words.join(' ')).toEqual([2, '']);
    expect(stderr).toContain('kafka.mjs start');
  }
});

test('a port that is somebody else’s is refused by number', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  try {
    const { status, stdout, stderr } = script('start', '--port', String(port), '--dir', join(folder, 'other'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`port ${port} cannot be had`);
  } finally {
    await new Promise((done) => server.close(done));
  }
});

test('started again in its folder it has its topics; a second one beside it, or one of another size, is refused', async () => {
  const start = () => script('start', '--port', '0', ...here);
  const topics = async (brokers: string, made: readonly string[]): Promise<string[]> => {
    const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    try {
      if (made.length > 0) await admin.createTopics({ topics: made.map((topic) => ({ topic })) });
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  };
  const first = start();
  expect(first.status, first.stderr).toBe(0);
  expect(script('env', ...here).stdout).toBe(first.stdout);
  await topics(first.stdout.trim().replace('KAFKA_BROKERS=', ''), ['kept']);
  const second = start();
  expect(second.status).toBe(1);
  expect(second.stderr).toContain('runs in');
  expect(script('stop', ...here).status).toBe(0);
  expect(script('start', '--port', '0', '--nodes', '3', ...here).stderr).toContain('--nodes 1');
  const again = start();
  expect(again.status, again.stderr).toBe(0);
  expect(await topics(again.stdout.trim().replace('KAFKA_BROKERS=', ''), [])).toContain('kept');
});
