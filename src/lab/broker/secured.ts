/**
 * Secured listeners for the test broker: certificates by openssl, users, and the broker settings that go with them. The
 * plain listener stays, for set-up: whoever comes by it, or by TLS without a certificate, may do everything (User:ANONYMOUS);
 * everybody else what its ACLs say.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf } from './jars.js';

const run = promisify(execFile);

/** For tests on loopback: worth nothing elsewhere. */
export const SECURED_USER = { username: 'sluice', password: 'sluice-secret' };

/** A listener: the certificate that it shows, whether it asks for one of the client, and for a user. */
interface SecuredListener {
  readonly protocol: 'SSL' | 'SASL_SSL';
  readonly certificate: string;
  readonly asks?: boolean;
  readonly sasl?: boolean;
}

const LISTENERS = {
  tls: { protocol: 'SSL', certificate: 'broker' },
  mtls: { protocol: 'SSL', certificate: 'broker', asks: true },
  sasl: { protocol: 'SASL_SSL', certificate: 'broker', sasl: true },
  expired: { protocol: 'SSL', certificate: 'expired' },
  elsewhere: { protocol: 'SSL', certificate: 'elsewhere' },
} as const satisfies Readonly<Record<string, SecuredListener>>;

export type SecuredListenerName = keyof typeof LISTENERS;
export const SECURED_LISTENERS = Object.keys(LISTENERS) as readonly SecuredListenerName[];

/** A certificate and its key, as files in PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one authority, and of another that signed nothing of what the listeners show. */
export interface Certificates {
  readonly ca: string;
  readonly otherCa: string;
  /** What the listeners show. */
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
  /** Another one of the same authority, and one of the other authority. */
  readonly renewed: CertificateFiles;
  readonly stranger: CertificateFiles;
}

/** Makes the certificates of a folder, once. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const done = join(folder, 'done');
  if (!existsSync(done)) {
    await authority(folder, 'ca', 'Test authority');
    await authority(folder, 'other-ca', 'Another authority');
    await certificate(folder, 'ca', 'broker', { names: 'DNS:localhost,IP:127.0.0.1,IP:::1' });
    await certificate(folder, 'ca', 'elsewhere', { names: 'DNS:broker.elsewhere.test' });
    await certificate(folder, 'ca', 'expired', { names: 'DNS:localhost,IP:127.0.0.1', days: -1 });
    await certificate(folder, 'ca', 'client');
    await certificate(folder, 'ca', 'renewed');
    await certificate(folder, 'other-ca', 'stranger');
    writeFileSync(done, '');
  }
  const pair = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  return {
    ca: join(folder, 'ca.pem'),
    otherCa: join(folder, 'other-ca.pem'),
    server: pair('broker'),
    client: pair('client'),
    renewed: pair('renewed'),
    stranger: pair('stranger'),
  };
}

async function openssl(...words: readonly string[]): Promise<void> {
  try {
    await run('openssl', words);
  } catch (error) {
    throw new Error(`openssl ${words[0]} failed: ${outputOf(error)}`, { cause: error });
  }
}

/** Words that ask for a new key and say where it goes. */
const newKey = (key: string): readonly string[] => ['-newkey', 'rsa:2048', '-nodes', '-keyout', key];

async function authority(folder: string, name: string, title: string): Promise<void> {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  await openssl('req', '-x509', ...newKey(key), '-days', '365', '-subj', `/CN=${title}`, '-out', cert);
}

/** A key (PKCS #8) and a certificate over it; `NAME.all.pem` has both and the authority, as Kafka reads a key store. */
async function certificate(
  folder: string,
  issuer: string,
  name: string,
  { names, days = 365 }: { readonly names?: string; readonly days?: number } = {},
): Promise<void> {
  const at = (suffix: string) => join(folder, `${name}${suffix}`);
  const extensions = `basicConstraints=CA:FALSE\n${names ? `subjectAltName=${names}\n` : ''}`;
  writeFileSync(at('.ext'), extensions);
  await openssl('req', '-new', ...newKey(at('.key')), '-subj', `/CN=${name}`, '-out', at('.csr'));
  const signer = ['-CA', join(folder, `${issuer}.pem`), '-CAkey', join(folder, `${issuer}.key`), '-CAcreateserial'];
  const subject = ['-req', '-in', at('.csr'), '-extfile', at('.ext'), '-out', at('.pem')];
  await openssl('x509', ...subject, ...signer, '-days', String(days));
  const parts = [at('.key'), at('.pem'), join(folder, `${issuer}.pem`)];
  writeFileSync(at('.all.pem'), parts.map((file) => readFileSync(file, 'utf8')).join(''));
}

/** What a node with secured listeners is told besides. */
export interface SecuredProperties {
  readonly settings: Readonly<Record<string, string | number>>;
  readonly listeners: readonly string[];
  readonly protocols: readonly string[];
}

export function securedProperties(
  folder: string,
  ports: Readonly<Record<SecuredListenerName, number>>,
  host: string,
): SecuredProperties {
  const settings: Record<string, string | number> = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'connections.max.reauth.ms': 60_000,
  };
  for (const [name, listener] of Object.entries<SecuredListener>(LISTENERS)) {
    const prefix = `listener.name.${name}`;
    settings[`${prefix}.ssl.keystore.type`] = 'PEM';
    settings[`${prefix}.ssl.keystore.location`] = join(folder, `${listener.certificate}.all.pem`);
    settings[`${prefix}.ssl.truststore.type`] = 'PEM';
    settings[`${prefix}.ssl.truststore.location`] = join(folder, 'ca.pem');
    settings[`${prefix}.ssl.client.auth`] = listener.asks ? 'required' : 'none';
    if (!listener.sasl) continue;
    const { username, password } = SECURED_USER;
    const security = 'org.apache.kafka.common.security';
    settings[`${prefix}.sasl.enabled.mechanisms`] = 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER';
    settings[`${prefix}.plain.sasl.jaas.config`] =
      `${security}.plain.PlainLoginModule required user_${username}="${password}";`;
    for (const bits of [256, 512])
      settings[`${prefix}.scram-sha-${bits}.sasl.jaas.config`] = `${security}.scram.ScramLoginModule required;`;
    // Tokens are not signed: whoever runs this can make one for any name.
    settings[`${prefix}.oauthbearer.sasl.jaas.config`] =
      `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`;
  }
  return {
    settings,
    listeners: SECURED_LISTENERS.map((name) => `${name.toUpperCase()}://${host}:${ports[name]}`),
    protocols: SECURED_LISTENERS.map((name) => `${name.toUpperCase()}:${LISTENERS[name].protocol}`),
  };
}

/** Words for the format of a node: SCRAM users live in the cluster's own log. */
export function scramWords(): readonly string[] {
  const { username, password } = SECURED_USER;
  return [256, 512].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${username},password=${password}]`]);
}
