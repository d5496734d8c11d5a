import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A registry on loopback whose answers a test writes; undefined drops the connection. */
export interface RegistryServer {
  readonly url: string;
  readonly requests: RegistryRequest[];
  /** Most requests that were open at the same time. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

export async function registryServer(
  answer: (request: RegistryRequest, index: number) => RegistryAnswer | undefined,
): Promise<RegistryServer> {
  const requests: RegistryRequest[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((incoming, outgoing) => {
    most = Math.max(most, ++open);
    outgoing.once('close', () => open--);
    void bodyOf(incoming).then((body) => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        authorization: incoming.headers.authorization,
        body,
      };
      const reply = answer(request, requests.push(request) - 1);
      if (reply === undefined) return incoming.socket.destroy();
      outgoing.writeHead(reply.status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      // A turn later, so that requests sent together are open together.
      return setImmediate(() => outgoing.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mostAtOnce: () => most,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
