/**
 * Secured listeners for the test broker: certificates by openssl, users, and the broker settings that go with them. The
 * plain listener stays, for set-up: whoever comes by it, or by TLS without a certificate, may do everything (User:ANONYMOUS);
 * everybody else what its ACLs say.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** For tests on loopback: worth nothing elsewhere. */
export const SECURED_USER = { username: 'sluice', password: 'sluice-secret' };

/** Listeners by name; `certificate` says which one it shows, `asks` for one of the client, `sasl` for a user. */
const LISTENERS = {
  tls: { protocol: 'SSL', certificate: 'broker' },
  mtls: { protocol: 'SSL', certificate: 'broker', asks: true },
  sasl: { protocol: 'SASL_SSL', certificate: 'broker', sasl: true },
  expired: { protocol: 'SSL', certificate: 'expired' },
  elsewhere: { protocol: 'SSL', certificate: 'elsewhere' },
};
export const SECURED_LISTENERS = Object.keys(LISTENERS);

/** Certificates of one authority (and one of another), made once a folder. */
export async function makeCertificates(folder) {
  mkdirSync(folder, { recursive: true });
  const files = certificateFiles(folder);
  if (existsSync(files.done)) return files;
  await authority(folder, 'ca', 'Test authority');
  await authority(folder, 'other-ca', 'Another authority');
  await certificate(folder, 'ca', 'broker', { names: 'DNS:localhost,IP:127.0.0.1,IP:::1' });
  await certificate(folder, 'ca', 'elsewhere', { names: 'DNS:broker.elsewhere.test' });
  await certificate(folder, 'ca', 'expired', { names: 'DNS:localhost,IP:127.0.0.1', days: -1 });
  await certificate(folder, 'ca', 'client');
  await certificate(folder, 'ca', 'renewed');
  await certificate(folder, 'other-ca', 'stranger');
  writeFileSync(files.done, '');
  return files;
}

function certificateFiles(folder) {
  const at = (name) => join(folder, name);
  return {
    done: at('done'),
    ca: at('ca.pem'),
    otherCa: at('other-ca.pem'),
    server: { cert: at('broker.pem'), key: at('broker.key') },
    client: { cert: at('client.pem'), key: at('client.key') },
    renewed: { cert: at('renewed.pem'), key: at('renewed.key') },
    stranger: { cert: at('stranger.pem'), key: at('stranger.key') },
  };
}

async function openssl(...words) {
  try {
    await run('openssl', words);
  } catch (error) {
    throw new Error(`openssl ${words[0]} failed: ${error.stderr || error.message}`);
  }
}

async function authority(folder, name, title) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const words = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '365',
    '-subj',
    `/CN=${title}`,
    '-keyout',
    key,
    '-out',
    cert,
  ];
  await openssl('req', '-x509', ...words);
}

/** A key (PKCS #8) and a certificate over it; `NAME.all.pem` has both and the authority, as Kafka reads a key store. */
async function certificate(folder, issuer, name, { names, days = 365 } = {}) {
  const at = (suffix) => join(folder, `${name}${suffix}`);
  const extensions = `basicConstraints=CA:FALSE\n${names ? `subjectAltName=${names}\n` : ''}`;
  writeFileSync(at('.ext'), extensions);
  await openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    at('.key'),
    '-out',
    at('.csr'),
  );
  const signer = ['-CA', join(folder, `${issuer}.pem`), '-CAkey', join(folder, `${issuer}.key`), '-CAcreateserial'];
  const subject = ['-req', '-in', at('.csr'), '-extfile', at('.ext'), '-out', at('.pem')];
  await openssl('x509', ...subject, ...signer, '-days', String(days));
  const parts = [at('.key'), at('.pem'), join(folder, `${issuer}.pem`)];
  writeFileSync(at('.all.pem'), parts.map((file) => readFileSync(file, 'utf8')).join(''));
}

/** What a node with secured listeners is told besides; `ports` has one for each of {@link SECURED_LISTENERS}. */
export function securedProperties(folder, ports, host) {
  const settings = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'connections.max.reauth.ms': 60_000,
  };
  for (const [name, { certificate, asks, sasl }] of Object.entries(LISTENERS)) {
    const prefix = `listener.name.${name}`;
    settings[`${prefix}.ssl.keystore.type`] = 'PEM';
    settings[`${prefix}.ssl.keystore.location`] = join(folder, `${certificate}.all.pem`);
    settings[`${prefix}.ssl.truststore.type`] = 'PEM';
    settings[`${prefix}.ssl.truststore.location`] = join(folder, 'ca.pem');
    settings[`${prefix}.ssl.client.auth`] = asks ? 'required' : 'none';
    if (!sasl) continue;
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
export function scramWords() {
  const { username, password } = SECURED_USER;
  return [256, 512].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=${username},password=${password}]`]);
}
