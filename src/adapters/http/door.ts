import type { FastifyInstance } from 'fastify';
import type { HttpContent } from './content.js';
import { bringsToken } from './control.js';

/** A path that takes events. */
export interface HttpIntake {
  readonly path: string;
  readonly take: (body: Uint8Array) => Promise<HttpContent>;
}

/** Paths by which producers send events, POST only. Programs of other machines use them, so any host name will do. */
export interface HttpDoor {
  readonly intakes: readonly HttpIntake[];
  readonly token: string;
  /** Bytes of one request. */
  readonly maxBytes: number;
  /** Told of every request that was turned away without a look at its events. */
  readonly turnedAway: (status: number) => void;
}

/** Requests that are worked on at a time: with the bytes of one they bound the memory. */
const MOST_AT_ONCE = 16;

/** Adds the door: whoever brings the token is let in, as far as there is room. */
export function addDoor(scope: FastifyInstance, { intakes, token, maxBytes, turnedAway }: HttpDoor): void {
  let count = 0;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.setErrorHandler(async (error: Error & { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    turnedAway(status);
    const remedy = status === 413 ? 'Send fewer events a request, or raise http.eventsMaxBytes.' : 'Send it again.';
    return reply.code(status).send({ error: error.message, remedy });
  });
  scope.addHook('onRequest', async (request, reply) => {
    const refuse = (status: number, error: string, remedy: string) => {
      turnedAway(status);
      return reply.code(status).send({ error, remedy });
    };
    if (!bringsToken(request.headers.authorization, token))
      return refuse(
        401,
        'this needs the token',
        'Send `authorization: Bearer TOKEN`, the token of http.eventsTokenEnv.',
      );
    if (request.headers['content-encoding'] !== undefined)
      return refuse(415, 'packed bodies are not read', 'Send it without content-encoding.');
    if (count >= MOST_AT_ONCE) {
      reply.header('retry-after', '1');
      return refuse(
        503,
        `${MOST_AT_ONCE} requests are under way`,
        'Send it again in a second; events are known by their ids.',
      );
    }
    count++;
    reply.raw.once('close', () => count--);
    return undefined;
  });
  for (const { path, take } of intakes)
    scope.post(path, { bodyLimit: maxBytes }, async (request, reply) => {
      const { status = 200, contentType, body } = await take((request.body as Buffer | undefined) ?? Buffer.alloc(0));
      return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
    });
}
