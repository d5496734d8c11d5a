import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificateFiles } from '../../../src/lab/broker/index.js';
import { certificateSource, type CertificateSettings } from '../../../src/adapters/credentials/index.js';
import { createSchemaRegistry, registryAccess } from '../../../src/adapters/registry/index.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { configSchema } from '../../../src/config/schema.js';
import type { Transport } from '../../../src/ports/transport.js';
import { tokenServer, unsignedToken, type TokenServer } from '../credentials/token-server.js';
import { openTransport, readAll, record } from './fixture.js';
import { silentLogger } from './silent-logger.js';
import { securedBroker, type SecuredBroker } from './secured.js';

const id = randomUUID().slice(0, 8);
const { topics } = configSchema.parse({ topics: { prefix: `s${id}.`, partitions: 1 } });
let broker: SecuredBroker;
let tokens: TokenServer;
let folder: string;
const opened: Transport[] = [];

beforeAll(async () => {
  [broker, tokens] = await Promise.all([securedBroker(), tokenServer('sluice', 3_600)]);
  folder = mkdtempSync(join(tmpdir(), 'sluice-security-'));
  process.env['SLUICE_TEST_PASSWORD'] = broker.secured.password;
  process.env['SLUICE_TEST_WRONG'] = 'not-the-password';
  process.env['SLUICE_TEST_CLIENT_SECRET'] = tokens.clientSecret;
  process.env['SLUICE_TEST_CA'] = readFileSync(broker.secured.certificates.ca, 'utf8');
  const admin = new Kafka({ brokers: broker.brokers.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const operator = openTransport(`app-${id}`, topics, { brokers: broker.brokers.split(',') });
  await operator.prepare();
  await operator.close();
  const acl = ['User:sluice', 'User:CN=client'].map((principal) => ({
    resourceType: AclResourceTypes.TOPIC,
    resourceName: topics.prefix,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal,
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  }));
  await admin.createAcls({ acl });
  await admin.disconnect();
});
afterAll(async () => {
  await Promise.all(opened.map((each) => each.close()));
  await Promise.all([broker.stop(), tokens.close()]);
  rmSync(folder, { recursive: true, force: true });
});

type Given = Parameters<typeof configSchema.parse>[0];
type Listener = keyof SecuredBroker['secured']['brokers'] | 'plain';

const open = (listener: Listener, given: object): Transport => {
  const brokers = listener === 'plain' ? broker.brokers : broker.secured.brokers[listener];
  const parsed = configSchema.parse({
    transport: { kind: 'kafka', brokers, requestTimeoutMs: 8_000, ...given },
  } as Given);
  const transport = openTransport(`app-${id}`, topics, parsed.transport);
  opened.push(transport);
  return transport;
};

const certificate = ({ cert, key }: CertificateFiles) => ({ certFile: cert, keyFile: key });
const trusting = (more: object = {}) => ({
  tls: true,
  certificates: { caFile: broker.secured.certificates.ca, ...more },
});
const asUser = (mechanism: string, more: object = {}) => ({
  ...trusting(),
  sasl: { mechanism, username: broker.secured.username, passwordEnv: 'SLUICE_TEST_PASSWORD', ...more },
});
const byToken = (oauth: object) => ({ ...trusting(), sasl: { mechanism: 'oauthbearer', oauth } });
const atEndpoint = (more: object = {}) => ({
  url: tokens.url,
  clientId: tokens.clientId,
  clientSecretEnv: 'SLUICE_TEST_CLIENT_SECRET',
  scope: 'kafka',
  ...more,
});

/** Ways in: writing and reading go through. */
const WAYS: readonly (readonly [string, Listener, () => object])[] = [
  ['TLS with the CA in a file', 'tls', () => trusting()],
  ['TLS with the CA in a variable', 'tls', () => ({ tls: true, certificates: { caEnv: 'SLUICE_TEST_CA' } })],
  ['TLS with another name for the server', 'elsewhere', () => trusting({ serverName: 'broker.elsewhere.test' })],
  ['a client certificate', 'mtls', () => trusting(certificate(broker.secured.certificates.client))],
  ['plain', 'sasl', () => asUser('plain')],
  ['scram-sha-256', 'sasl', () => asUser('scram-sha-256')],
  [
    'scram-sha-512 with the password in a file',
    'sasl',
    () => asUser('scram-sha-512', { passwordFile: passwordFile() }),
  ],
  ['oauthbearer by a token endpoint', 'sasl', () => byToken(atEndpoint())],
  [
    'oauthbearer by a command',
    'sasl',
    () => byToken({ command: [process.execPath, '-e', `console.log('${unsignedToken('sluice', 600)}')`] }),
  ],
];

const passwordFile = (): string => {
  const path = join(folder, 'password');
  writeFileSync(path, `${broker.secured.password}\n`);
  return path;
};

describe('who may come in', () => {
  test.concurrent.each(WAYS)('writes and reads by %s', async (way, listener, given) => {
    const transport = open(listener, given());
    await transport.append([record('training', way)]);
    const reader = await transport.reader(['training'], 'earliest');
    expect((await readAll(reader)).map(({ value }) => value)).toContain(way);
    await reader.close();
  });

  test.concurrent('by tokens goes on past the life of a token', async () => {
    const short = await tokenServer('sluice', 12);
    const transport = open('sasl', byToken(atEndpoint({ url: short.url })));
    const untilMs = performance.now() + 15_000;
    while (performance.now() < untilMs) await transport.append([record('audit', 'still here')]);
    expect(short.asked.length).toBeGreaterThan(1);
    expect(short.asked[0]).toEqual({ grant_type: 'client_credentials', scope: 'kafka' });
    await short.close();
  });
});

describe('certificates', () => {
  const source = (given: CertificateSettings) => certificateSource(given, 'transport.certificates', {}, silentLogger);

  test.concurrent('that change are shown by the next connection', async () => {
    const [certFile, keyFile] = [join(folder, 'rotated.pem'), join(folder, 'rotated.key')];
    const put = ({ cert, key }: CertificateFiles): void => {
      copyFileSync(cert, certFile);
      copyFileSync(key, keyFile);
    };
    const { client, stranger } = broker.secured.certificates;
    put(client);
    const transport = open('mtls', trusting({ certFile, keyFile }));
    await (await transport.reader(['training'], 'earliest')).close();
    put(stranger);
    await expect(transport.reader(['training'], 'earliest')).rejects.toMatchObject({ code: 'kafka-tls' });
    put(client);
    await (await transport.reader(['training'], 'earliest')).close();
  });

  test('half of which changed count once the other half has', () => {
    const [certFile, keyFile] = [join(folder, 'half.pem'), join(folder, 'half.key')];
    const { client, renewed } = broker.secured.certificates;
    const put = ({ cert }: CertificateFiles, { key }: CertificateFiles): void => {
      copyFileSync(cert, certFile);
      copyFileSync(key, keyFile);
    };
    put(client, client);
    const read = source({ certFile, keyFile });
    const before = read();
    put(renewed, client);
    expect(read()).toEqual(before);
    put(renewed, renewed);
    expect(read()).toEqual({ cert: readFileSync(renewed.cert, 'utf8'), key: readFileSync(renewed.key, 'utf8') });
  });

  test('that cannot be used are named, and what stands in them is not shown', () => {
    const { client, renewed, ca } = broker.secured.certificates;
    const cases: readonly (readonly [CertificateSettings, string])[] = [
      [{ caFile: '/nowhere.pem' }, 'transport.certificates.caFile: the file /nowhere.pem cannot be read (ENOENT)'],
      [{ caEnv: 'ABSENT' }, 'transport.certificates.caEnv: names ABSENT, which is not set'],
      [{ caFile: client.key }, 'transport.certificates.caFile: holds no certificate in PEM'],
      [{ certFile: client.cert, keyFile: renewed.key }, 'the key does not belong to the certificate'],
      [{ certFile: client.cert, keyFile: ca }, 'certificate or key cannot be read'],
    ];
    for (const [given, words] of cases) {
      expect(source(given)).toThrow(expect.objectContaining({ code: 'credential-unreadable' }));
      expect(source(given)).toThrow(words);
      expect(source(given)).not.toThrow(/BEGIN/);
    }
  });
});

describe('a schema registry with https', () => {
  test('is asked by client certificate and token, and a refusal names the setting', async () => {
    const { server: shown, client, ca, otherCa } = broker.secured.certificates;
    const headers: (string | undefined)[] = [];
    const server = createServer(
      { cert: readFileSync(shown.cert), key: readFileSync(shown.key), ca: readFileSync(ca), requestCert: true },
      (request, response) => {
        headers.push(request.headers.authorization);
        const isKnown = (request.socket as TLSSocket).authorized && request.headers.authorization !== undefined;
        response.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ schema: '"string"' }));
      },
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const registryUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const asked = (given: object) => {
      const { wire } = configSchema.parse({ wire: { registryUrl, registryAuthEnv: 'SLUICE_TEST_NOBODY', ...given } });
      const access = registryAccess({ wire, env: process.env, clock: systemClock, logger: silentLogger });
      return createSchemaRegistry({ ...access, clock: systemClock, logger: silentLogger }).schemaById(1);
    };
    const registryCertificates = { caFile: ca, ...certificate(client) };
    const found = { schemaType: 'AVRO', texts: ['"string"'] };
    expect(await asked({ registryCertificates, registryOauth: atEndpoint() })).toEqual(found);
    expect(await asked({ registryCertificates, registryTokenEnv: 'SLUICE_TEST_CLIENT_SECRET' })).toEqual(found);
    expect(headers[0]).toMatch(/^Bearer eyJ/);
    expect(headers[1]).toBe(`Bearer ${tokens.clientSecret}`);
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{ registryCertificates }, /status 403.*wire\.registryAuthEnv/],
      [{ registryCertificates: { caFile: otherCa } }, /signed by nobody that is trusted.*wire\.registryCertificates/],
    ];
    for (const [given, words] of refusals) {
      const error: unknown = await asked(given).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'schema-registry-refused', class: 'config' });
      expect(String(error)).toMatch(words);
    }
    await new Promise((done) => server.close(done));
  });
});

/** Ways that are refused: the code, and what the sentence says. */
const REFUSALS: readonly (readonly [string, Listener, () => object, string, RegExp])[] = [
  [
    'an authority that nobody trusts',
    'tls',
    () => ({ tls: true }),
    'kafka-tls',
    /trusted: .*transport\.certificates\.caFile/,
  ],
  [
    'another authority',
    'tls',
    () => trusting({ caFile: broker.secured.certificates.otherCa }),
    'kafka-tls',
    /signed by nobody that is trusted/,
  ],
  ['an expired certificate', 'expired', () => trusting(), 'kafka-tls', /its certificate has expired/],
  ['a certificate of another host', 'elsewhere', () => trusting(), 'kafka-tls', /for another host.*serverName/],
  [
    'no client certificate',
    'mtls',
    () => trusting(),
    'kafka-tls',
    /client certificate.*transport\.certificates\.certFile/,
  ],
  [
    "a stranger's client certificate",
    'mtls',
    () => trusting(certificate(broker.secured.certificates.stranger)),
    'kafka-tls',
    /does not take the client certificate/,
  ],
  ['no TLS on a TLS listener', 'tls', () => ({}), 'kafka-tls', /speaks TLS: set transport\.tls = true/],
  ['TLS on a plain listener', 'plain', () => trusting(), 'kafka-tls', /not encrypted: set transport\.tls = false/],
  [
    'nobody on a SASL listener',
    'sasl',
    () => trusting(),
    'kafka-authentication',
    /asks for SASL \(.*PLAIN.*\): set transport\.sasl/,
  ],
  ['a user on a listener without SASL', 'tls', () => asUser('plain'), 'kafka-authentication', /transport\.sasl/],
  ...(['plain', 'scram-sha-256', 'scram-sha-512'] as const).map(
    (mechanism) =>
      [
        `a wrong password by ${mechanism}`,
        'sasl',
        () => asUser(mechanism, { passwordEnv: 'SLUICE_TEST_WRONG' }),
        'kafka-authentication',
        /transport\.sasl\.passwordEnv/,
      ] as const,
  ),
  [
    'a token endpoint that refuses',
    'sasl',
    () => byToken(atEndpoint({ clientSecretEnv: 'SLUICE_TEST_WRONG' })),
    'token-refused',
    /status 401 \(invalid_client\)/,
  ],
  [
    'a token that the broker refuses',
    'sasl',
    () => byToken({ command: [process.execPath, '-e', `console.log('${unsignedToken('sluice', -600)}')`] }),
    'kafka-authentication',
    /does not take the token of OAUTHBEARER/,
  ],
  [
    'a command that fails',
    'sasl',
    () => byToken({ command: [process.execPath, '-e', 'process.exit(7)'] }),
    'token-refused',
    /ended with status 7/,
  ],
];

describe('who is refused is told why in one sentence, without a secret, for good', () => {
  test.concurrent.each(REFUSALS)('%s', async (_, listener, given, code, sentence) => {
    const error: unknown = await open(listener, given())
      .partitionCount('training')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, class: 'config' });
    const { message } = error as Error;
    expect(message).toMatch(sentence);
    for (const secret of [broker.secured.password, 'not-the-password', tokens.clientSecret, 'eyJ'])
      expect(message).not.toContain(secret);
  });
});
