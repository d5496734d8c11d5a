import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { certificateSource, secretFrom, tokenSource } from '../credentials/index.js';
import type { RequestOptions } from './request.js';

export interface AccessOptions {
  readonly wire: Config['wire'];
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How the registry of a config is asked: by token, by user and password, or by nobody in particular. */
export function registryAccess({
  wire,
  env,
  clock,
  logger,
}: AccessOptions): Pick<RequestOptions, 'url' | 'authorization' | 'certificates'> {
  const { registryUrl: url, registryAuthEnv, registryTokenEnv, registryOauth } = wire;
  const certificates = certificateSource(wire.registryCertificates, 'wire.registryCertificates', env, logger);
  if (registryOauth !== undefined) {
    const token = tokenSource(registryOauth, { section: 'wire.registryOauth', env, clock, logger });
    return { url, certificates, authorization: async () => `Bearer ${await token()}` };
  }
  if (registryTokenEnv !== undefined) {
    const variable = { option: 'registryTokenEnv', name: registryTokenEnv };
    return { url, certificates, authorization: () => `Bearer ${secretFrom({ section: 'wire', variable }, env)}` };
  }
  return { url, certificates, authorization: () => basicAuthorization(env[registryAuthEnv]) };
}

/** The `Authorization` header of `user:password`; undefined for no or empty credentials. */
function basicAuthorization(credentials: string | undefined): string | undefined {
  return credentials ? `Basic ${Buffer.from(credentials).toString('base64')}` : undefined;
}
