import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from './shell.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-init-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const VARIABLES = { SLUICE_KAFKA_PASSWORD: 'secret', SLUICE_PSEUDONYM_KEY: 'sixteen bytes and more' };

describe('sluice init', () => {
  test.each([
    ['one machine', []],
    [
      'one machine, other choices',
      ['--application', 'no', '--budget', '0.03', '--partitions', '4', '--prefix', 'x:y.'],
    ],
    ['Kafka', ['--brokers', 'kafka-1:9092, kafka-2:9092', '--partitions', '12']],
    [
      'Kafka with TLS, a user and a registry',
      ['--brokers', 'kafka:9093', '--tls', '--username', 'the user', '--input-format', 'confluent'],
    ],
  ])('what it writes for %s passes lint without a warning, and says what the flags said', async (_name, flags) => {
    const file = at('sluice.yaml');
    expect((await run(['init', '--out', file, ...flags])).status).toBe(0);
    const linted = await run(['lint', '--config', file, '--strict'], VARIABLES);
    expect(linted.stdout).toBe('');
    expect(linted.status).toBe(0);
    const echo = await run(['echo', '--config', file, '--format', 'json'], VARIABLES);
    if (flags.includes('the user')) expect(echo.stdout).toContain('"the user"');
    if (flags.includes('0.03')) expect(echo.stdout).toContain('0.03');
    if (flags.includes('12')) expect(echo.stdout).toMatch(/kafka-1:9092[^]*kafka-2:9092/);
  });

  test('never writes over a file unless told to', async () => {
    writeFileSync(at('sluice.yaml'), 'mine');
    const refused = await run(['init', '--out', at('sluice.yaml')]);
    expect(refused.status).toBe(2);
    expect(readFileSync(at('sluice.yaml'), 'utf8')).toBe('mine');
    expect((await run(['init', '--out', at('sluice.yaml'), '--force'])).status).toBe(0);
    expect(readFileSync(at('sluice.yaml'), 'utf8')).toContain('kind: embedded');
  });

  test('a choice that no config may have is refused by lint’s own words, and nothing is written', async () => {
    const { status, stderr } = await run(['init', '--out', at('a.yaml'), '--application', 'two words']);
    expect(status).toBe(2);
    expect(stderr).toContain('application = "two words"');
    expect(existsSync(at('a.yaml'))).toBe(false);
  });

  test('on a terminal it asks what no flag says, and an empty answer is the usual one', async () => {
    const asked: string[] = [];
    const answers = ['search', 'kafka', 'kafka-1:9092', '', '0.2'];
    const ask = (question: string): Promise<string> => {
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1]!);
    };
    const { stdout, status } = await run(['init', '--out', '-'], {}, ask);
    expect(status).toBe(0);
    expect(asked).toHaveLength(5);
    for (const part of ['application: search', 'kind: kafka', '"kafka-1:9092"', 'partitions: 1', 'budget: 0.2'])
      expect(stdout).toContain(part);
    asked.length = 0;
    await run(
      ['init', '--out', '-', '--application', 'a', '--transport', 'embedded', '--partitions', '1', '--budget', '0.1'],
      {},
      ask,
    );
    expect(asked).toEqual([]);
  });
});
