import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { messageOf, SluiceError } from '../../errors.js';
import type { Probe } from '../../observe/health.js';

/** One more page or document of the server, GET only. */
export interface HttpRoute {
  /** Starts with `/`; `*` at the end takes everything below. */
  readonly path: string;
  /** Called per request with what stood for `*` (empty otherwise); undefined is a 404. */
  readonly respond: (rest: string) => HttpContent | undefined | Promise<HttpContent | undefined>;
}

export interface HttpContent {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export interface HttpOptions {
  /** Loopback unless the operator says otherwise (`http.host`). */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly metrics: () => Promise<HttpContent>;
  readonly liveness: () => Probe;
  readonly readiness: () => Probe;
  readonly routes?: readonly HttpRoute[];
}

export interface HttpServer {
  /** Where it listens, `http://host:port`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` (Prometheus text), `/live` and `/ready` (JSON with state and reasons; 200 when ok, else 503).
 * @throws SluiceError `http-port-taken` when the address cannot be bound
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const server = Fastify({ logger: false, forceCloseConnections: true });
  server.get('/metrics', async (_request, reply) => send(reply, await options.metrics()));
  server.get('/live', (_request, reply) => sendProbe(reply, options.liveness()));
  server.get('/ready', (_request, reply) => sendProbe(reply, options.readiness()));
  for (const route of options.routes ?? []) {
    server.get<{ Params: { '*'?: string } }>(route.path, async (request, reply) => {
      const content = await route.respond(request.params['*'] ?? '');
      return content === undefined ? reply.callNotFound() : send(reply, content);
    });
  }
  const url = await listen(server, options);
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url, port, close: () => server.close() };
}

async function listen(server: FastifyInstance, { host, port }: HttpOptions): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (thrown) {
    await server.close();
    throw new SluiceError('http-port-taken', { host, port, why: messageOf(thrown) }, { cause: thrown });
  }
}

function send(reply: FastifyReply, { contentType, body }: HttpContent): FastifyReply {
  return reply.header('cache-control', 'no-store').type(contentType).send(body);
}

function sendProbe(reply: FastifyReply, probe: Probe): FastifyReply {
  return send(reply.code(probe.ok ? 200 : 503), {
    contentType: 'application/json',
    body: `${JSON.stringify(probe)}\n`,
  });
}
