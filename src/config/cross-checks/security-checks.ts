import { isLoopback } from '../loopback.js';
import type { Config } from '../schema.js';
import type { CrossCheck } from './cross-check.js';

type Certificates = NonNullable<Config['transport']['certificates']>;
type Oauth = NonNullable<Config['wire']['registryOauth']>;

/** Checks on who Sluice is and whom it trusts. */
export const SECURITY_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['transport.sasl.passwordEnv', 'transport.sasl.username'],
    finding: ({ transport: { kind, sasl } }, { isSet }) =>
      kind === 'kafka' && sasl && needsPassword(sasl) && sasl.passwordFile === undefined && !isSet(sasl.passwordEnv)
        ? 'the variable with the password is not set here'
        : null,
    remedies: ['set the variable where Sluice runs', 'name another one in transport.sasl.passwordEnv'],
  },
  {
    severity: 'error',
    paths: ['transport.sasl.mechanism', 'transport.sasl.username'],
    finding: ({ transport: { sasl } }) =>
      sasl && needsPassword(sasl) && !sasl.username ? 'this mechanism needs a user name' : null,
    remedies: ['set transport.sasl.username', 'set transport.sasl.mechanism = oauthbearer for tokens'],
  },
  {
    severity: 'error',
    paths: ['transport.sasl.mechanism', 'transport.sasl.oauth.url'],
    finding: ({ transport: { sasl } }) =>
      sasl?.mechanism === 'oauthbearer' && !comesFromSomewhere(sasl.oauth)
        ? 'nothing says where tokens come from: either a token endpoint with clientId and client secret, or a command'
        : null,
    remedies: [
      'set transport.sasl.oauth.url, .clientId and .clientSecretEnv',
      'set transport.sasl.oauth.command to a program that prints a token',
    ],
  },
  {
    severity: 'error',
    paths: ['wire.registryOauth.url', 'wire.registryOauth.command'],
    finding: ({ wire: { registryOauth } }) =>
      registryOauth && !comesFromSomewhere(registryOauth)
        ? 'nothing says where tokens come from: either a token endpoint with clientId and client secret, or a command'
        : null,
    remedies: [
      'set wire.registryOauth.url, .clientId and .clientSecretEnv',
      'set wire.registryOauth.command to a program that prints a token',
    ],
  },
  {
    severity: 'error',
    paths: ['transport.certificates', 'transport.tls'],
    finding: ({ transport: { certificates, tls } }) =>
      certificates && !tls ? 'certificates are given and TLS is off' : null,
    remedies: ['set transport.tls = true', 'leave transport.certificates out'],
  },
  {
    severity: 'error',
    paths: ['http.control', 'http.tokenEnv'],
    finding: ({ http: { control, tokenEnv, tokenFile } }, { isSet }) =>
      control && tokenFile === undefined && !isSet(tokenEnv)
        ? 'control over HTTP needs a token, and the variable is not set here'
        : null,
    remedies: ['set the variable to at least 16 random characters', 'name a file in http.tokenFile'],
  },
  {
    severity: 'warning',
    paths: ['http.control', 'http.host'],
    finding: ({ http: { control, host, tls } }) =>
      control && !tls && !isLoopback(host)
        ? 'the token travels unencrypted to an address that other machines reach'
        : null,
    remedies: ['set http.tls', 'set http.host = 127.0.0.1 and reach it through ssh', 'set http.control = false'],
  },
  {
    severity: 'error',
    paths: ['http.events', 'http.eventsTokenEnv'],
    finding: ({ http: { events, eventsTokenEnv, eventsTokenFile } }, { isSet }) =>
      events && eventsTokenFile === undefined && !isSet(eventsTokenEnv)
        ? 'taking events over HTTP needs a token, and the variable is not set here'
        : null,
    remedies: ['set the variable to at least 16 random characters', 'name a file in http.eventsTokenFile'],
  },
  {
    severity: 'error',
    paths: ['http.events', 'wire.mapping'],
    finding: ({ http: { events }, wire: { mapping } }) =>
      events && mapping !== undefined
        ? 'events over HTTP are in our own form, and the mapping would read them as something else'
        : null,
    remedies: ['set http.events = false', 'leave wire.mapping out: an instance of its own may read the mapped topics'],
  },
  {
    severity: 'error',
    paths: ['serving.enabled', 'serving.tokenEnv'],
    finding: ({ serving: { enabled, tokenEnv, tokenFile } }, { isSet }) =>
      enabled && tokenFile === undefined && !isSet(tokenEnv)
        ? 'serving features needs a token, and the variable is not set here'
        : null,
    remedies: ['set the variable to at least 16 random characters', 'name a file in serving.tokenFile'],
  },
  {
    severity: 'warning',
    paths: ['serving.enabled', 'serving.host'],
    finding: ({ serving: { enabled, host }, http: { tls } }) =>
      enabled && !tls && !isLoopback(host)
        ? 'the token travels unencrypted to an address that other machines reach'
        : null,
    remedies: ['set http.tls', 'set serving.host = 127.0.0.1 and serve from the same machine'],
  },
  halfACertificate('transport.certificates', ({ transport }) => transport.certificates),
  halfACertificate('wire.registryCertificates', ({ wire }) => wire.registryCertificates),
];

function halfACertificate(path: string, of: (config: Config) => Certificates | undefined): CrossCheck {
  return {
    severity: 'error',
    paths: [`${path}.certFile`, `${path}.keyFile`],
    finding: (config) => {
      const given = of(config);
      if (given === undefined) return null;
      const [hasCert, hasKey] = [given.certFile ?? given.certEnv, given.keyFile ?? given.keyEnv];
      return (hasCert === undefined) === (hasKey === undefined)
        ? null
        : 'a certificate needs its key, and a key its certificate';
    },
    remedies: ['give both (as files or as variables)', 'leave both out: then no client certificate is shown'],
  };
}

function needsPassword({ mechanism }: { readonly mechanism: string }): boolean {
  return mechanism !== 'oauthbearer';
}

function comesFromSomewhere(oauth: Oauth | undefined): boolean {
  if (oauth === undefined) return false;
  const hasSecret = (oauth.clientSecretEnv ?? oauth.clientSecretFile) !== undefined;
  const hasEndpoint = oauth.url !== undefined && oauth.clientId !== undefined && hasSecret;
  return hasEndpoint || (oauth.command ?? []).length > 0;
}
