import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { isIP } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_DELAY_MS = 60_000;
const BRACKETED = /^\[([0-9a-fA-F:.]+(?:%\w+)?)\]:(\d+)$/;
const STAND_IN = /^ipv6-([0-9a-f]+)\.invalid$/;

/**
 * A bootstrap server as kafkajs can split it: at the first colon. An IPv6 address in brackets becomes a name that
 * {@link withIpv6} turns back; everything else stays.
 */
export function splittable(broker: string): string {
  const [, address, port] = BRACKETED.exec(broker) ?? [];
  return address === undefined ? broker : `ipv6-${Buffer.from(address).toString('hex')}.invalid:${port}`;
}

/** Sockets to the addresses behind the names of {@link splittable}. */
export function withIpv6(open: ISocketFactory = openSocket): ISocketFactory {
  return (asked) => open({ ...asked, host: addressOf(asked.host) });
}

/** The address that a name stands for; other names are themselves. */
export function addressOf(host: string): string {
  const hex = STAND_IN.exec(host)?.[1];
  return hex === undefined ? host : Buffer.from(hex, 'hex').toString();
}

/** As kafkajs opens them. */
const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    typeof ssl === 'object' && ssl !== null
      ? connectTls({ host, port, ...servername, ...ssl }, onConnect)
      : connectPlain({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  return socket;
};
