import { isIP } from 'node:net';

/**
 * True when a request came for a name of ours: an IP address, `localhost`, or one of the given. A page elsewhere that makes
 * its own name lead here (DNS rebinding) sends that name, and an address it cannot send.
 * @param header `Host`, with or without a port
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  const host = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header ?? '');
  const name = (host?.[1] ?? host?.[2])?.toLowerCase();
  if (name === undefined) return false;
  return isIP(name) !== 0 || name === 'localhost' || names.some((own) => own.toLowerCase() === name);
}
