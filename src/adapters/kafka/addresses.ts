import type { ISocketFactory } from 'kafkajs';

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
export function withIpv6(open: ISocketFactory): ISocketFactory {
  return (asked) => open({ ...asked, host: addressOf(asked.host) });
}

/** The address that a name stands for; other names are themselves. */
export function addressOf(host: string): string {
  const hex = STAND_IN.exec(host)?.[1];
  return hex === undefined ? host : Buffer.from(hex, 'hex').toString();
}
