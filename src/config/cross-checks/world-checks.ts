import { resolve } from 'node:path';
import { isLoopback } from '../loopback.js';
import type { CrossCheck } from './cross-check.js';
import { SECURITY_CHECKS } from './security-checks.js';

/** Brokers refuse longer transactions unless told otherwise (`transaction.max.timeout.ms`). */
const BROKER_TRANSACTION_LIMIT_MS = 900_000;

const BUILT_IN_ENCODERS: ReadonlySet<string> = new Set(['builtin', 'builtin-en', 'builtin-zh']);

/** Checks on brokers, keys, addresses and files. */
export const WORLD_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['privacy.keyEnv', 'transport.kind'],
    finding: ({ privacy, transport }, { isSet }) =>
      transport.kind === 'kafka' && !isSet(privacy.keyEnv)
        ? `the variable is not set, so each instance takes its key from ${privacy.keyFile}: without that file it does not start, and with another one its pseudonyms differ`
        : null,
    remedies: [
      'set the variable to the same key (at least 16 bytes) on every instance',
      'put one key file on every instance at privacy.keyFile',
    ],
  },
  {
    severity: 'warning',
    paths: ['transport.tls', 'transport.sasl'],
    finding: ({ transport }) =>
      transport.kind === 'kafka' && transport.sasl !== undefined && !transport.tls
        ? 'credentials travel unencrypted'
        : null,
    remedies: ['set transport.tls = true', 'leave transport.sasl out on a trusted network'],
  },
  ...SECURITY_CHECKS,
  {
    severity: 'warning',
    paths: ['transport.stuckAfterMs', 'transport.sessionTimeoutMs'],
    finding: ({ transport }) =>
      transport.kind === 'kafka' && transport.stuckAfterMs <= transport.sessionTimeoutMs
        ? 'the watchdog restarts the transport before the group itself would notice a silent instance'
        : null,
    remedies: ['raise transport.stuckAfterMs', 'lower transport.sessionTimeoutMs'],
  },
  {
    severity: 'warning',
    paths: ['transport.transactionTimeoutMs', 'transport.kind'],
    finding: ({ transport }) =>
      transport.kind === 'kafka' && transport.transactionTimeoutMs > BROKER_TRANSACTION_LIMIT_MS
        ? `brokers refuse transactions longer than ${BROKER_TRANSACTION_LIMIT_MS} ms unless transaction.max.timeout.ms says otherwise`
        : null,
    remedies: ['lower transport.transactionTimeoutMs', 'raise transaction.max.timeout.ms on the brokers'],
  },
  {
    severity: 'error',
    paths: ['topics.replicationFactor', 'transport.kind'],
    finding: ({ topics, transport }) =>
      transport.kind === 'kafka' && topics.create && (topics.replicationFactor === 0 || topics.replicationFactor < -1)
        ? 'no topic can be created with it'
        : null,
    remedies: [
      'set it to -1 (the broker default) or at least 1',
      'create the topics yourself and set topics.create = false',
    ],
  },
  {
    severity: 'warning',
    paths: ['http.host', 'http.port'],
    finding: ({ http }) =>
      http.enabled !== 'off' && !isLoopback(http.host)
        ? `metrics${http.console === 'on' ? ', samples' : ''} and health are served without authentication beyond this machine`
        : null,
    remedies: ['set http.host = 127.0.0.1', 'let only the monitoring system reach the port'],
  },
  {
    severity: 'warning',
    paths: ['encoder.tokenizer', 'encoder.model'],
    finding: ({ encoder }) =>
      encoder.enabled && BUILT_IN_ENCODERS.has(encoder.model) !== (encoder.tokenizer === 'builtin')
        ? 'model and tokenizer come from different places: vectors are noise when they do not belong together'
        : null,
    remedies: ['give both encoder.model and encoder.tokenizer', 'leave both at builtin'],
  },
  {
    severity: 'error',
    paths: ['encoder.model', 'encoder.enabled'],
    finding: ({ encoder }) =>
      encoder.enabled && encoder.model.startsWith('builtin') && !BUILT_IN_ENCODERS.has(encoder.model)
        ? `no built-in encoder is called ${encoder.model}`
        : null,
    remedies: [
      `set encoder.model to one of ${[...BUILT_IN_ENCODERS].join(', ')}`,
      'name a file by a path with a folder',
    ],
  },
  {
    severity: 'error',
    paths: ['encoder.cachePath', 'transport.path'],
    finding: ({ encoder, transport }) =>
      encoder.enabled &&
      transport.kind === 'embedded' &&
      encoder.cachePath !== '' &&
      resolve(encoder.cachePath) === resolve(transport.path)
        ? 'one folder holds either the store or the vectors of texts'
        : null,
    remedies: ['give encoder.cachePath a folder of its own', "set encoder.cachePath = '' for no vectors on disk"],
  },
  {
    severity: 'error',
    paths: ['encoder.device', 'encoder.model'],
    finding: ({ encoder }) =>
      encoder.enabled && encoder.device !== 'cpu' && encoder.model.startsWith('builtin')
        ? 'the built-in encoders are in 8 bits, which a graphics card would leave to the CPU'
        : null,
    remedies: [
      'give encoder.model and encoder.tokenizer in float32 or float16 (python3 scripts/float-encoder.py makes them)',
      'set encoder.device = cpu',
    ],
  },
  {
    severity: 'error',
    paths: ['output.embeddings', 'encoder.enabled'],
    finding: ({ output, encoder }) =>
      output.embeddings && !encoder.enabled ? 'there are no vectors to put on the samples' : null,
    remedies: ['set output.embeddings = false', 'set encoder.enabled = true'],
  },
];
