import type { Mechanism, SASLOptions } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import { certificateSource, secretFrom, tokenSource, type TlsMaterial } from '../credentials/index.js';
import { bearerMechanism } from './bearer.js';
import type { KafkaOptions } from './settings.js';

/** Reads the certificates of `transport.certificates`; undefined without TLS. Throws `credential-unreadable`. */
export function certificatesOf(
  { transport, logger }: KafkaOptions,
  env: NodeJS.ProcessEnv,
): (() => TlsMaterial) | undefined {
  if (!transport.tls) return undefined;
  const read = certificateSource(transport.certificates, 'transport.certificates', env, logger);
  // What cannot be used from the start is said before a connection is tried.
  read();
  return read;
}

/**
 * Who we are, as kafkajs wants it: password and tokens are looked up for each connection.
 * @throws SluiceError `config-invalid`, `credential-unreadable` when they could not be used from the start
 */
export function saslOf(
  { transport: { sasl }, clock, logger }: KafkaOptions,
  env: NodeJS.ProcessEnv,
): SASLOptions | Mechanism | undefined {
  if (sasl === undefined) return undefined;
  if (sasl.mechanism === 'oauthbearer') {
    const token = tokenSource(sasl.oauth ?? {}, { section: 'transport.sasl.oauth', env, clock, logger });
    return bearerMechanism(token, sasl.extensions);
  }
  const { mechanism, username, passwordEnv, passwordFile } = sasl;
  if (!username)
    throw new SluiceError('config-invalid', { problems: `transport.sasl.username: ${mechanism} needs one` });
  const place = {
    section: 'transport.sasl',
    file: { option: 'passwordFile', path: passwordFile },
    variable: { option: 'passwordEnv', name: passwordEnv },
  };
  const password = (): string => (secretFrom(place, env) ?? '').replace(/\r?\n$/, '');
  password();
  return {
    mechanism,
    username,
    get password() {
      return password();
    },
  } as SASLOptions;
}
