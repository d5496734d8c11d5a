import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpOrder, type HttpServer, startHttpServer } from '../../../src/adapters/http/index.js';
import { bringsToken, isSameOrigin } from '../../../src/adapters/http/control.js';
import { createHealthBoard } from '../../../src/observe/health-board.js';

const TOKEN = 'a token of the tests';
const JSON_WITH_TOKEN = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
let server: HttpServer;
let orders: HttpOrder[] = [];
let turnedAway: number[] = [];

beforeEach(async () => {
  orders = [];
  turnedAway = [];
  const board = createHealthBoard({ nowMs: () => 1 });
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
    liveness: board.liveness,
    readiness: board.readiness,
    control: {
      token: TOKEN,
      hostNames: ['sluice.example'],
      turnedAway: (status) => void turnedAway.push(status),
      actions: [
        {
          path: '/api/control/reload',
          act(order) {
            orders.push(order);
            return Promise.resolve({ contentType: 'application/json', body: '{"result":"done"}\n' });
          },
        },
      ],
    },
  });
});
afterEach(() => server.close());

/** Posts with any header, `host` among them, which fetch does not allow. */
function post(headers: Readonly<Record<string, string>>, body = '{"why":"test"}'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}/api/control/reload`, { method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('control over HTTP', () => {
  test('does what whoever brings the token asks, and is told from where', async () => {
    expect(await post(JSON_WITH_TOKEN)).toBe(200);
    expect(orders).toEqual([{ body: { why: 'test' }, from: '127.0.0.1' }]);
    expect(turnedAway).toEqual([]);
  });

  test.each([
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer another token of the same' }, 401],
    ['the beginning of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ['nothing behind Bearer', { authorization: 'Bearer ' }, 401],
    ['the token as a password', { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` }, 401],
    ['a name that is not ours', { host: 'evil.example' }, 421],
    ['a page of another site, by its origin', { origin: 'http://evil.example' }, 403],
    ['a page of another port of ours', { origin: 'http://127.0.0.1:1' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['a page of another site, as the browser says', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('does nothing for %s', async (_, headers, status) => {
    expect(await post({ ...JSON_WITH_TOKEN, ...(status === 401 ? { authorization: '' } : {}), ...headers })).toBe(
      status,
    );
    expect(orders).toEqual([]);
    expect(turnedAway).toEqual([status]);
  });

  test('answers to a name of http.hostNames and to its own page', async () => {
    expect(await post({ ...JSON_WITH_TOKEN, host: 'sluice.example' })).toBe(200);
    expect(await post({ ...JSON_WITH_TOKEN, origin: server.url, 'sec-fetch-site': 'same-origin' })).toBe(200);
  });

  test('takes JSON alone, of a bounded size, and nothing by GET', async () => {
    expect(await post({ ...JSON_WITH_TOKEN, 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await post(JSON_WITH_TOKEN, `{"why":"${'x'.repeat(20_000)}"}`)).toBe(413);
    expect((await fetch(`${server.url}/api/control/reload`, { headers: JSON_WITH_TOKEN })).status).toBe(404);
    expect(orders).toEqual([]);
  });

  test('compares digests, so that lengths need not be equal', () => {
    expect(bringsToken(`Bearer ${TOKEN}`, TOKEN)).toBe(true);
    expect(bringsToken(`Bearer ${TOKEN}x`, TOKEN)).toBe(false);
    expect(bringsToken(undefined, '')).toBe(false);
    expect(isSameOrigin('not an address', 'host')).toBe(false);
  });
});
