import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tokenSource, type TokenSettings } from '../../../src/adapters/credentials/index.js';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import { silentLogger } from '../kafka/silent-logger.js';
import { tokenServer, unsignedToken, type TokenServer } from './token-server.js';

let server: TokenServer;
beforeEach(async () => {
  server = await tokenServer('sluice', 600);
});
afterEach(() => server.close());

const sourceOf = (settings: TokenSettings, clock = new ManualClock({ skipSleeps: true })) =>
  tokenSource(settings, {
    section: 'transport.sasl.oauth',
    env: { SECRET: server.clientSecret, WRONG: 'wrong-secret' },
    clock,
    logger: silentLogger,
  });
const endpoint = (more: TokenSettings = {}): TokenSettings => ({
  url: server.url,
  clientId: server.clientId,
  clientSecretEnv: 'SECRET',
  ...more,
});

describe('a token by the endpoint', () => {
  test('is asked for by client credentials, with scope and audience', async () => {
    await sourceOf(endpoint({ scope: 'kafka read', audience: 'brokers' }))();
    expect(server.asked).toEqual([{ grant_type: 'client_credentials', scope: 'kafka read', audience: 'brokers' }]);
  });

  test('is kept for most of its life, and asked for once by many', async () => {
    const clock = new ManualClock({ skipSleeps: true });
    const source = sourceOf(endpoint(), clock);
    const [first, ...others] = await Promise.all([source(), source(), source()]);
    expect(others).toEqual([first, first]);
    await clock.advance(479_000);
    await source();
    expect(server.asked).toHaveLength(1);
    await clock.advance(2_000);
    await source();
    expect(server.asked).toHaveLength(2);
  });

  test.each([
    ['refused credentials', { clientSecretEnv: 'WRONG' }, 'token-refused', 'status 401 (invalid_client)'],
    [
      'a variable that is not set',
      { clientSecretEnv: 'ABSENT' },
      'credential-unreadable',
      'clientSecretEnv: names ABSENT',
    ],
    [
      'a file that is not there',
      { clientSecretFile: '/nowhere/secret' },
      'credential-unreadable',
      '/nowhere/secret cannot be read (ENOENT)',
    ],
    ['an endpoint that does not answer', { url: 'http://127.0.0.1:1/token' }, 'token-unreachable', 'ECONNREFUSED'],
  ] as const)('%s are named, without the secret', async (_, settings, code, words) => {
    const error = await sourceOf(endpoint(settings))().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(words);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/client-secret|wrong-secret/);
  });
});

describe('a token by a command', () => {
  const printing = (text: string): TokenSettings => ({ command: [process.execPath, '-e', `console.log('${text}')`] });

  test('is what it prints', async () => {
    const token = unsignedToken('me', 600);
    expect(await sourceOf(printing(token))()).toBe(token);
  });

  test.each([
    ['nothing printed', printing(''), 'printed no token'],
    ['several words', printing('token: abc'), 'printed no token, or more than one word'],
    ['a failure', { command: [process.execPath, '-e', 'process.exit(3)'] }, 'ended with status 3'],
    ['no such program', { command: ['/nowhere/program'] }, 'cannot be run (ENOENT)'],
  ] as const)('%s is refused by name', async (_, settings, words) => {
    const error = await sourceOf(settings)().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'token-refused' });
    expect(String(error)).toContain(words);
  });
});
