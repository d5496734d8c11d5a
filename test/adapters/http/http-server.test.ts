import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type HttpOptions,
  type HttpPages,
  type HttpServer,
  startHttpServer,
} from '../../../src/adapters/http/index.js';
import { createHealthBoard } from '../../../src/observe/health-board.js';

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(options: Partial<HttpOptions> = {}) {
  const board = createHealthBoard({ nowMs: () => 1 });
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: 'sluice_x 1\n' }),
    liveness: board.liveness,
    readiness: board.readiness,
    ...options,
  });
  open.push(server);
  return { board, server, get: (path: string) => fetch(`${server.url}${path}`) };
}

describe('the HTTP server', () => {
  test('listens on loopback and serves the metrics text as it is', async () => {
    const { server, get } = await start();
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const answer = await get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toBe('sluice_x 1\n');
  });

  test('answers 503 with reasons until running, 200 then, and 503 again with what is in the way', async () => {
    const { board, get } = await start();
    const before = await get('/ready');
    expect(before.status).toBe(503);
    expect(await before.json()).toMatchObject({ ok: false, state: 'starting', reasons: ['starting: process started'] });
    board.enter('running', 'joined');
    expect((await get('/ready')).status).toBe(200);
    board.impede('log-unreachable', 'no broker answers');
    const impeded = await get('/ready');
    expect(impeded.status).toBe(503);
    expect(await impeded.json()).toMatchObject({ reasons: ['log-unreachable: no broker answers'] });
    expect((await get('/live')).status).toBe(200);
    board.fail('stuck');
    expect((await get('/live')).status).toBe(503);
  });

  test('a taken port is told by host and port, with the option to change', async () => {
    const { server } = await start();
    await expect(start({ port: server.port })).rejects.toMatchObject({
      code: 'http-port-taken',
      details: { port: server.port },
    });
  });

  describe('serves pages', () => {
    const pages: HttpPages = {
      routes: [
        { path: '/page', respond: () => ({ contentType: 'text/html', body: '<p>' }) },
        {
          path: '/files/*',
          respond: ({ rest, query }) =>
            rest === 'a/b' ? { contentType: 'text/plain', body: `${rest} ${query.id ?? ''}` } : undefined,
        },
        { path: '/busy', respond: () => ({ status: 503, contentType: 'text/plain', body: 'busy' }) },
      ],
      streams: [
        {
          path: '/stream',
          open: (client) => {
            client.send('data: 1\n\n');
            client.end();
            return undefined;
          },
        },
        { path: '/full', open: () => ({ status: 503, contentType: 'text/plain', body: 'full' }) },
      ],
      hostNames: ['sluice.internal'],
      headers: { 'x-frame-options': 'DENY' },
    };

    /** Asks with a name of its own, which fetch does not allow. */
    function statusFor(port: number, path: string, headers: Record<string, string>): Promise<number> {
      return new Promise((resolve, reject) => {
        request({ host: '127.0.0.1', port, path, headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        })
          .on('error', reject)
          .end();
      });
    }

    test('below a star too, with their status, and 404 for the rest', async () => {
      const { get } = await start({ pages });
      const page = await get('/page');
      expect(await page.text()).toBe('<p>');
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('access-control-allow-origin')).toBeNull();
      expect(await (await get('/files/a/b?id=7')).text()).toBe('a/b 7');
      expect((await get('/busy')).status).toBe(503);
      expect((await get('/files/none')).status).toBe(404);
      expect((await get('/nothing')).status).toBe(404);
    });

    test('streams what a route sends, or refuses with its sentence', async () => {
      const { get } = await start({ pages });
      const stream = await get('/stream');
      expect(stream.headers.get('content-type')).toBe('text/event-stream');
      expect(stream.headers.get('x-frame-options')).toBe('DENY');
      expect(await stream.text()).toBe('data: 1\n\n');
      const full = await get('/full');
      expect([full.status, await full.text()]).toEqual([503, 'full']);
    });

    test('to names of ours alone: a name that another site made lead here is refused, on metrics too it is not asked', async () => {
      const { server } = await start({ pages });
      const status = (host: string, path = '/page'): Promise<number> => statusFor(server.port, path, { host });
      for (const own of [
        '127.0.0.1',
        `127.0.0.1:${server.port}`,
        '[::1]:80',
        '10.1.2.3',
        'LocalHost:1',
        'sluice.internal:1',
      ])
        expect(await status(own), own).toBe(200);
      for (const foreign of [
        'evil.example',
        'localhost.evil.example',
        'sluice.internal.evil.example',
        '127.0.0.1.nip.io',
      ])
        expect(await status(foreign), foreign).toBe(421);
      expect(await status('evil.example', '/stream')).toBe(421);
      expect(await status('prometheus-sees-me-as-this', '/metrics')).toBe(200);
    });

    test('to no page of another site', async () => {
      const { server } = await start({ pages });
      const status = (site: string): Promise<number> => statusFor(server.port, '/page', { 'sec-fetch-site': site });
      expect(await status('same-origin')).toBe(200);
      expect(await status('none')).toBe(200);
      expect(await status('cross-site')).toBe(403);
      expect(await status('same-site')).toBe(403);
    });
  });
});
