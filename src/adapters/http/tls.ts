import type { Server } from 'node:tls';
import { certificateSource } from '../credentials/index.js';
import type { Logger } from '../../ports/logger.js';

/** Certificate and key of a server, by file. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a TLS server speaks with, read again for each connection. */
export interface TlsSource {
  readonly material: { readonly cert: string; readonly key: string };
  /** Makes a server take renewed files from the next connection on. */
  follow(server: Server): void;
}

/**
 * Reads certificate and key. Where renewed files do not belong together yet, the ones before go on, with a warning.
 * @throws SluiceError `credential-unreadable` when they could not be used from the start
 */
export function tlsSource(tls: ServerTls, logger: Logger): TlsSource {
  const read = certificateSource(tls, 'http.tls', process.env, logger);
  const now = (): TlsSource['material'] => {
    const { cert = '', key = '' } = read();
    return { cert, key };
  };
  let last = now();
  return {
    material: last,
    follow: (server) => {
      // Before the listener that begins the handshake with the context of that moment.
      server.prependListener('connection', () => {
        const next = now();
        if (next.cert === last.cert && next.key === last.key) return;
        last = next;
        server.setSecureContext(next);
      });
    },
  };
}
