import { createSecureContext } from 'node:tls';
import { messageOf, SluiceError } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import { secretFrom } from './secret.js';

/** `transport.certificates` and its like. */
export interface CertificateSettings {
  readonly caFile?: string | undefined;
  readonly caEnv?: string | undefined;
  readonly certFile?: string | undefined;
  readonly certEnv?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyEnv?: string | undefined;
  readonly keyPasswordEnv?: string | undefined;
  readonly serverName?: string | undefined;
}

/** What a TLS connection is made with, in the words of Node's `tls.connect`. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  /** false: whoever the certificate is of. Absent: true. */
  readonly rejectUnauthorized?: boolean;
}

/**
 * Makes a reader of certificates, to be called for each connection: files that changed count from the next one on. While they
 * cannot be used (a certificate without its key yet), the last ones that could go on counting, with a warning.
 * @param section of the config, for errors: `transport.certificates`
 * @returns a function that throws `credential-unreadable` when they could not be used from the start
 */
export function certificateSource(
  settings: CertificateSettings | undefined,
  section: string,
  env: NodeJS.ProcessEnv,
  logger: Logger,
): () => TlsMaterial {
  if (settings === undefined) return () => ({});
  let last: TlsMaterial | undefined;
  return () => {
    try {
      last = checked(materialOf(settings, section, env), section);
    } catch (error) {
      if (last === undefined) throw error;
      logger.warn('certificates cannot be used now, the ones before go on', { section, why: messageOf(error) });
    }
    return last;
  };
}

function materialOf(settings: CertificateSettings, section: string, env: NodeJS.ProcessEnv): TlsMaterial {
  const { caFile, caEnv, certFile, certEnv, keyFile, keyEnv, keyPasswordEnv, serverName } = settings;
  const read = (name: string, path: string | undefined, variable: string | undefined): string | undefined =>
    secretFrom(
      {
        section,
        file: { option: `${name}File`, path },
        variable: { option: `${name}Env`, name: variable },
      },
      env,
    );
  const found = {
    ca: read('ca', caFile, caEnv),
    cert: read('cert', certFile, certEnv),
    key: read('key', keyFile, keyEnv),
    passphrase: read('keyPassword', undefined, keyPasswordEnv),
    servername: serverName,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** OpenSSL says what is wrong with a certificate, and nothing of what stands in a key. */
function checked(material: TlsMaterial, section: string): TlsMaterial {
  const { servername: _, ...context } = material;
  for (const name of ['ca', 'cert'] as const) {
    const text = material[name];
    if (text !== undefined && !text.includes('-----BEGIN CERTIFICATE-----'))
      throw new SluiceError('credential-unreadable', {
        setting: `${section}.${name}File`,
        why: 'holds no certificate in PEM',
      });
  }
  try {
    createSecureContext(context);
  } catch (error) {
    throw new SluiceError('credential-unreadable', { setting: section, why: whyOf(messageOf(error)) });
  }
  return material;
}

function whyOf(message: string): string {
  if (message.includes('key values mismatch')) return 'the key does not belong to the certificate';
  if (/bad decrypt|bad password|interrupted or cancelled|no password/i.test(message))
    return 'the key is encrypted, and the password in keyPasswordEnv does not open it';
  return `certificate or key cannot be read: ${message}`;
}
