import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { HttpContent } from './content.js';

/** What somebody with the token asks for. */
export interface HttpOrder {
  /** JSON of the request; undefined without a body. */
  readonly body: unknown;
  /** Address that it came from. */
  readonly from: string;
}

/** A change of what runs, POST only. */
export interface HttpAction {
  readonly path: string;
  readonly act: (order: HttpOrder) => Promise<HttpContent>;
}

/** Paths that change something. They answer to own names and to own pages, and only to whoever brings the token. */
export interface HttpControl {
  readonly actions: readonly HttpAction[];
  readonly token: string;
  /** Host names that are ours besides IP addresses and `localhost`. */
  readonly hostNames: readonly string[];
  /** Told of every request that was turned away. */
  readonly turnedAway: (status: number, from: string) => void;
}

/** Compares what stands behind `Bearer` with the token in a time that says nothing of either. */
export function bringsToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token)) && given !== '';
}

/** True when no page asks, or one of this very address. */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** Adds the actions. @param isStranger why a request is not for us, or comes from another site; undefined when all is well */
export function addControl(
  scope: FastifyInstance,
  { actions, token, turnedAway }: HttpControl,
  isStranger: (host: string | undefined, site: string | string[] | undefined) => HttpContent | undefined,
): void {
  scope.addHook('onRequest', async (request, reply) => {
    const { host, origin, authorization } = request.headers;
    const refusal =
      isStranger(host, request.headers['sec-fetch-site']) ??
      (isSameOrigin(origin, host)
        ? bringsToken(authorization, token)
          ? undefined
          : refused(401, 'this needs the token', 'Send `authorization: Bearer TOKEN`, the token of http.tokenEnv.')
        : refused(403, 'a page of another site may change nothing here', 'Open the console by its own address.'));
    if (!refusal) return undefined;
    turnedAway(refusal.status ?? 500, request.ip);
    // Whatever is still to come of the body is not read.
    return reply
      .code(refusal.status ?? 500)
      .type(refusal.contentType)
      .send(refusal.body);
  });
  for (const { path, act } of actions)
    scope.post(path, { bodyLimit: MOST_BODY_BYTES }, async (request, reply) => {
      const { status = 200, contentType, body } = await act({ body: request.body, from: request.ip });
      return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
    });
}

const MOST_BODY_BYTES = 16_384;

function refused(status: number, error: string, remedy: string): HttpContent {
  return { status, contentType: 'application/json', body: `${JSON.stringify({ error, remedy })}\n` };
}
