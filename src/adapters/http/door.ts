import type { FastifyInstance } from 'fastify';
import type { HttpContent } from './content.js';
import { bringsToken } from './control.js';

/** A path that takes a body. */
export interface HttpIntake {
  readonly path: string;
  readonly take: (body: Uint8Array) => Promise<HttpContent>;
}

/** Paths by which programs send, POST only. They may be on other machines, so any host name will do. */
export interface HttpDoor {
  readonly intakes: readonly HttpIntake[];
  readonly token: string;
  /** Bytes of one request. */
  readonly maxBytes: number;
  /** Requests that are worked on at a time: with the bytes of one they bound the memory. */
  readonly mostAtOnce: number;
  /** Names of the options that a remedy sends to. */
  readonly options: { readonly maxBytes: string; readonly tokenEnv: string };
  /** Told of every request that was turned away without a look at its body. */
  readonly turnedAway: (status: number) => void;
}

/** Adds the door: whoever brings the token is let in, as far as there is room. */
export function addDoor(
  scope: FastifyInstance,
  { intakes, token, maxBytes, mostAtOnce, options, turnedAway }: HttpDoor,
): void {
  let count = 0;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  scope.setErrorHandler(async (error: Error & { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    turnedAway(status);
    const remedy = status === 413 ? `Send less a request, or raise ${options.maxBytes}.` : 'Send it again.';
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
        `Send \`authorization: Bearer TOKEN\`, the token of ${options.tokenEnv}.`,
      );
    if (request.headers['content-encoding'] !== undefined)
      return refuse(415, 'packed bodies are not read', 'Send it without content-encoding.');
    if (count >= mostAtOnce) {
      reply.header('retry-after', '1');
      return refuse(503, `${mostAtOnce} requests are under way`, 'Send it again in a second.');
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
