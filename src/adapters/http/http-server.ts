import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Probe } from '../../observe/health.js';
import type { HttpContent } from './content.js';
import { addControl, type HttpControl } from './control.js';
import { addDoor, type HttpDoor } from './door.js';
import { isOwnHost } from './host-names.js';
import { type HttpServer, listening, type ListenOptions } from './listening.js';
import { streamTo, type StreamClient } from './stream-client.js';

/** What is asked of a route. */
export interface HttpRequest {
  /** What stood for `*` at the end of the path; empty otherwise. */
  readonly rest: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Aborted when whoever asked is gone. */
  readonly signal: AbortSignal;
}

/** One more page or document of the server, GET only. */
export interface HttpRoute {
  /** Starts with `/`; `*` at the end takes everything below. */
  readonly path: string;
  /** undefined is a 404. */
  readonly respond: (request: HttpRequest) => HttpContent | undefined | Promise<HttpContent | undefined>;
}

/** A route that goes on sending until its reader is gone. */
export interface HttpStream {
  readonly path: string;
  /** Takes the reader in, or says why not. */
  readonly open: (client: StreamClient, request: Pick<HttpRequest, 'rest' | 'query'>) => HttpContent | undefined;
}

/** Pages for people: they answer to own names only and to no other site's page. */
export interface HttpPages {
  readonly routes: readonly HttpRoute[];
  readonly streams: readonly HttpStream[];
  /** Host names that are ours besides IP addresses and `localhost`. */
  readonly hostNames: readonly string[];
  /** Sent with every answer. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpOptions extends ListenOptions {
  readonly metrics: () => Promise<Pick<HttpContent, 'contentType' | 'body'>>;
  readonly liveness: () => Probe;
  readonly readiness: () => Probe;
  readonly pages?: HttpPages;
  readonly control?: HttpControl;
  readonly door?: HttpDoor;
}

/**
 * Serves `GET /metrics` (Prometheus text), `/live` and `/ready` (JSON with state and reasons; 200 when ok, else 503), and
 * the pages it is given.
 * @throws SluiceError `http-port-taken` when the address cannot be bound, `credential-unreadable`
 */
export function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  return listening(options, async (server) => {
    server.get('/metrics', async (_request, reply) => send(reply, await options.metrics()));
    server.get('/live', (_request, reply) => sendProbe(reply, options.liveness()));
    server.get('/ready', (_request, reply) => sendProbe(reply, options.readiness()));
    const { pages, control, door } = options;
    if (door) await server.register(async (scope) => addDoor(scope, door));
    if (pages) await server.register(async (scope) => addPages(scope, pages));
    if (control)
      await server.register(async (scope) =>
        addControl(scope, control, (host, site) => refusalOf(host, site, control.hostNames)),
      );
  });
}

/** Serves a door and nothing else. @throws as {@link startHttpServer} */
export function startDoorServer({
  door,
  ...options
}: ListenOptions & { readonly door: HttpDoor }): Promise<HttpServer> {
  return listening(options, (server) => Promise.resolve(addDoor(server, door)));
}

function addPages(scope: FastifyInstance, { routes, streams, hostNames, headers }: HttpPages): void {
  scope.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    const refusal = refusalOf(request.headers.host, request.headers['sec-fetch-site'], hostNames);
    if (refusal) return send(reply, refusal);
    return undefined;
  });
  for (const route of routes)
    scope.get<{ Params: { '*'?: string }; Querystring: HttpRequest['query'] }>(route.path, async (request, reply) => {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const rest = request.params['*'] ?? '';
      const content = await route.respond({ rest, query: request.query, signal: gone.signal });
      return content === undefined ? reply.callNotFound() : send(reply, content);
    });
  for (const { path, open } of streams)
    scope.get<{ Params: { '*'?: string }; Querystring: HttpRequest['query'] }>(path, (request, reply) => {
      const client = streamTo(reply.raw, headers);
      const refusal = open(client, { rest: request.params['*'] ?? '', query: request.query });
      if (refusal) return send(reply, refusal);
      reply.hijack();
      client.begin();
      return reply;
    });
}

/** Why a request is not answered; undefined when it is. */
function refusalOf(
  host: string | undefined,
  site: string | string[] | undefined,
  names: readonly string[],
): HttpContent | undefined {
  const refuse = (status: number, error: string, remedy: string): HttpContent => ({
    status,
    contentType: 'application/json',
    body: `${JSON.stringify({ error, remedy })}\n`,
  });
  if (!isOwnHost(host, names))
    return refuse(
      421,
      `the console does not answer to the name ${host ?? '(none)'}`,
      'Open it by IP address or localhost, or add the name to http.hostNames.',
    );
  // Browsers say which site asks; other programs do not.
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return refuse(403, 'the console does not answer to pages of other sites', 'Open it by its own address.');
  return undefined;
}

function send(reply: FastifyReply, { status = reply.statusCode, contentType, body }: HttpContent): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
}

function sendProbe(reply: FastifyReply, probe: Probe): FastifyReply {
  return send(reply.code(probe.ok ? 200 : 503), {
    contentType: 'application/json',
    body: `${JSON.stringify(probe)}\n`,
  });
}
