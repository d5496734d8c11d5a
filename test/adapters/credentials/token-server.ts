import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint on loopback for one client. */
export interface TokenServer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What was asked, form fields, in order. */
  readonly asked: Readonly<Record<string, string>>[];
  close(): Promise<void>;
}

/** An unsigned token (RFC 7519, section 6), as the test broker takes them. */
export function unsignedToken(subject: string, lifetimeSeconds: number): string {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: nowSeconds, exp: nowSeconds + lifetimeSeconds })}.`;
}

export async function tokenServer(subject: string, lifetimeSeconds: number): Promise<TokenServer> {
  const [clientId, clientSecret] = ['sluice', 'client-secret'];
  const asked: Record<string, string>[] = [];
  const expected = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.on('data', (part) => (body += String(part)));
    incoming.on('end', () => {
      const isKnown = incoming.headers.authorization === expected;
      if (isKnown) asked.push(Object.fromEntries(new URLSearchParams(body)));
      outgoing.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      const token = { access_token: unsignedToken(subject, lifetimeSeconds), expires_in: lifetimeSeconds };
      outgoing.end(JSON.stringify(isKnown ? token : { error: 'invalid_client' }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    clientId,
    clientSecret,
    asked,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
