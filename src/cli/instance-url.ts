import type { Config } from '../config/schema.js';

/** Where an instance of this config serves; undefined: it does not, or on a port that nobody knows. */
export function instanceUrl({ enabled, host, port, tls }: Config['http']): string | undefined {
  if (enabled === 'off' || port === 0) return undefined;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${tls ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Addresses as they were given, without what ends them; else that of the config. */
export function instanceUrls(given: readonly string[], http: Config['http']): readonly string[] {
  const own = instanceUrl(http);
  const urls = given.length > 0 ? given : own === undefined ? [] : [own];
  return urls.map((url) => url.replace(/\/+$/, ''));
}

/** For an option that may be repeated. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
