import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHttpServer, type HttpOptions, type HttpServer } from '../../../src/adapters/http/index.js';
import { silentLogger } from '../../../src/adapters/memory/index.js';

let folder: string;
let server: HttpServer | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-https-'))));
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A self-signed certificate for 127.0.0.1 under a common name. */
function certificate(name: 'first' | 'second'): { readonly cert: string; readonly key: string } {
  const file = (ending: string): string =>
    fileURLToPath(new URL(`../../fixtures/tls/${name}.${ending}`, import.meta.url));
  return { cert: file('pem'), key: file('key') };
}

interface Seen {
  readonly status: number;
  readonly name: string;
}

/** Asks over a connection of its own, whoever the certificate is of. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server!.port, path, method, headers, agent: false };
    const asked = request({ ...options, rejectUnauthorized: false }, (answer) => {
      const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
      answer.resume().once('end', () => resolve({ status: answer.statusCode ?? 0, name: String(subject.CN) }));
    });
    asked.once('error', reject).end();
  });
}

const TOKEN = 'sixteen bytes and more';

async function start(tls: HttpOptions['tls']): Promise<void> {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }),
    liveness: () => ({ ok: true }) as never,
    readiness: () => ({ ok: true }) as never,
    ...(tls ? { tls } : {}),
    control: {
      actions: [{ path: '/api/control/x', act: () => Promise.resolve({ contentType: 'text/plain', body: 'done' }) }],
      token: TOKEN,
      hostNames: [],
      turnedAway: () => undefined,
    },
  });
}

describe('over TLS', () => {
  test('the address says https, and a renewed certificate counts from the next connection on, whole ones only', async () => {
    const [first, second] = [certificate('first'), certificate('second')];
    const [certFile, keyFile] = [join(folder, 'cert'), join(folder, 'key')];
    copyFileSync(first.cert, certFile);
    copyFileSync(first.key, keyFile);
    await start({ certFile, keyFile, logger: silentLogger });
    expect(server!.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask('/live')).toEqual({ status: 200, name: 'first' });
    copyFileSync(second.cert, certFile);
    expect((await ask('/live')).name).toBe('first');
    copyFileSync(second.key, keyFile);
    expect((await ask('/live')).name).toBe('second');
  });

  test('control wants the token, the own name and the own origin as without', async () => {
    const { cert, key } = certificate('first');
    await start({ certFile: cert, keyFile: key, logger: silentLogger });
    const host = `127.0.0.1:${server!.port}`;
    const authorization = `Bearer ${TOKEN}`;
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await ask('/api/control/x', headers, 'POST')).status;
    expect(await post({ host, authorization, origin: `https://${host}` })).toBe(200);
    expect(await post({ host, authorization, origin: 'https://evil.example' })).toBe(403);
    expect(await post({ host: 'evil.example', authorization })).toBe(421);
    expect(await post({ host })).toBe(401);
  });

  test('files that cannot be used stop the start with their name', async () => {
    const certFile = join(folder, 'no.pem');
    writeFileSync(certFile, 'no certificate');
    await expect(start({ certFile, keyFile: certFile, logger: silentLogger })).rejects.toMatchObject({
      code: 'credential-unreadable',
    });
  });
});
