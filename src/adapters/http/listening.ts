import Fastify, { type FastifyInstance } from 'fastify';
import type { Server as TlsServer } from 'node:tls';
import { messageOf, SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import { tlsSource, type ServerTls } from './tls.js';

export interface ListenOptions {
  /** Loopback unless the operator says otherwise. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** By HTTPS; absent: by HTTP. */
  readonly tls?: ServerTls & { readonly logger: Logger };
}

export interface HttpServer {
  /** Where it listens, `http://host:port` or `https://…`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** No route declares a schema, so Fastify's compilers for them, half of what it loads, are never loaded: 50 ms of every start. */
const WITHOUT_SCHEMAS = {
  compilersFactory: {
    buildValidator: () => neverAsked,
    buildSerializer: () => neverAsked,
  },
};

function neverAsked(): never {
  throw new SluiceError('bug', { why: 'a route declares a schema' });
}

/**
 * Serves what `add` adds, at an address.
 * @throws SluiceError `http-port-taken` when the address cannot be bound, `credential-unreadable`
 */
export async function listening(
  options: ListenOptions,
  add: (server: FastifyInstance) => Promise<void>,
): Promise<HttpServer> {
  const { tls } = options;
  const source = tls && tlsSource(tls, tls.logger);
  const plain = { logger: false, forceCloseConnections: true, schemaController: WITHOUT_SCHEMAS };
  const server = source
    ? (Fastify({ ...plain, https: { ...source.material } }) as unknown as FastifyInstance)
    : Fastify(plain);
  if (source) source.follow(server.server as unknown as TlsServer);
  await add(server);
  const url = await bound(server, options);
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url, port, close: () => server.close() };
}

async function bound(server: FastifyInstance, { host, port }: ListenOptions): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (thrown) {
    await server.close();
    throw new SluiceError('http-port-taken', { host, port, why: messageOf(thrown) }, { cause: thrown });
  }
}
