import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import type { TlsMaterial } from '../credentials/index.js';

const KEEP_ALIVE_DELAY_MS = 60_000;

/** Opens sockets as kafkajs does; over TLS when there is a source of certificates, read for each socket. */
export function openSocket(certificates: (() => TlsMaterial) | undefined): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket =
      certificates === undefined
        ? connectPlain({ host, port }, onConnect)
        : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...certificates() }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    return socket;
  };
}
