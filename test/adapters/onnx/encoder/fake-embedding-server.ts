import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';

/** A request as the server saw it. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly texts: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the server does with a request in place of answering it; undefined: it answers. */
export type Fault = { readonly status: number } | { readonly body: string } | 'silence';

/** A vector that is a hash of the text, of no particular length. */
export function vectorOf(text: string, dimensions = 8): number[] {
  const digest = createHash('sha256').update(text).digest();
  return Array.from({ length: dimensions }, (_, i) => digest[i]! - 127.5);
}

/** An embedding server over real HTTP on loopback that speaks both APIs, with a switch for faults. */
export class FakeEmbeddingServer {
  readonly asked: Asked[] = [];
  /** Decides on each request, by its number from 0. */
  fault: (asked: Asked, number: number) => Fault | undefined = () => undefined;
  dimensions = 8;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
    const path = request.url ?? '';
    const texts = (path === '/embed' ? body['inputs'] : body['input']) as string[];
    const asked: Asked = { path, authorization: request.headers.authorization, texts, body };
    this.asked.push(asked);
    const fault = this.fault(asked, this.asked.length - 1);
    if (fault === 'silence') return;
    if (fault && 'status' in fault) return void response.writeHead(fault.status).end('no');
    if (fault) return void response.writeHead(200).end(fault.body);
    const vectors = texts.map((text) => vectorOf(text, this.dimensions));
    const answer =
      path === '/embed'
        ? vectors
        : // Any order: the index decides.
          { data: vectors.map((embedding, index) => ({ index, embedding })).reverse() };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
