import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { messageOf } from '../../errors.js';
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
    socket.on('error', giveWords);
    return socket;
  };
}

/** Where a name has several addresses and none answers, Node's error has no words of its own. */
function giveWords(error: Error): void {
  if (error instanceof AggregateError && error.message === '') error.message = error.errors.map(messageOf).join('; ');
}
