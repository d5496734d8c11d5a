import { afterEach, describe, expect, test } from 'vitest';
import { type HttpOptions, type HttpServer, startHttpServer } from '../../../src/adapters/http/index.js';
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

  test('serves further routes, below a star too, and 404 for the rest', async () => {
    const { get } = await start({
      routes: [
        { path: '/page', respond: () => ({ contentType: 'text/html', body: '<p>' }) },
        {
          path: '/files/*',
          respond: (rest) => (rest === 'a/b' ? { contentType: 'text/plain', body: rest } : undefined),
        },
      ],
    });
    expect(await (await get('/page')).text()).toBe('<p>');
    expect(await (await get('/files/a/b')).text()).toBe('a/b');
    expect((await get('/files/none')).status).toBe(404);
    expect((await get('/nothing')).status).toBe(404);
  });
});
