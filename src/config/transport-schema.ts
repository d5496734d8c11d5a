/** The section on the transport, apart from the rest only to keep files short. */
import { z } from 'zod';
import { certificates, oauth } from './security-schema.js';
import { bytes, environmentVariable, ms } from './units.js';

const sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).describe('SASL mechanism.'),
  username: z.string().optional().describe('SASL user name, for all but oauthbearer.'),
  passwordEnv: environmentVariable
    .default('SLUICE_KAFKA_PASSWORD')
    .describe('Environment variable that holds the password; the password is never written in the config.'),
  passwordFile: z
    .string()
    .optional()
    .describe('File with the password, in place of the variable; read again for each connection.'),
  oauth: oauth.optional().describe('Where the tokens for oauthbearer come from.'),
  extensions: z
    .record(z.string(), z.string())
    .default({})
    .describe('SASL extensions sent with a token, e.g. `logicalCluster: lkc-1`.'),
});

/** Where the topics live, and how patient to be with it. */
export const transport = z.strictObject({
  kind: z
    .enum(['embedded', 'kafka'])
    .default('embedded')
    .describe('`embedded`: one machine, an LMDB store at transport.path. `kafka`: an Apache Kafka cluster.'),
  path: z.string().default('.sluice/store').describe('Folder of the embedded store.'),
  flushEachCommit: z
    .boolean()
    .default(false)
    .describe(
      'Embedded: make every commit wait for the disk. Off: it reaches the disk within about a second. A killed process loses nothing either way; a power cut takes the whole store back by that second.',
    ),
  inputRetentionMs: ms
    .default(0)
    .describe(
      'Embedded: delete input this long after it was appended, once no restore of any application on the store can need it; 0: never. Kafka: see retention.ms of the topic.',
    ),
  outputRetentionMs: ms
    .default(0)
    .describe(
      'Embedded: delete training samples, audit samples and late interactions this long after they were written, whether read or not; 0: never. Dead letters, snapshots and checkpoints stay.',
    ),
  brokers: z
    .union([z.string(), z.array(z.string())])
    .transform((given) => (Array.isArray(given) ? given : given.split(',').map((broker) => broker.trim())))
    .pipe(z.array(z.string().min(1)).min(1))
    .default(['127.0.0.1:9092'])
    .describe('Kafka bootstrap servers, a list or comma-separated.'),
  tls: z.boolean().default(false).describe('Connect to the brokers by TLS.'),
  certificates: certificates.optional().describe('Certificates for TLS; by default the authorities of the system.'),
  sasl: sasl.optional().describe('SASL credentials.'),
  delivery: z
    .enum(['exactly-once', 'at-least-once'])
    .default('exactly-once')
    .describe(
      'Kafka: `exactly-once` commits outputs, offsets and progress in one transaction. `at-least-once` writes outputs first and offsets after, without transactions: after a crash or a rebalance readers may see samples twice (same sampleId, same content), and never lose one. The embedded store is always exactly once.',
    ),
  compression: z
    .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    .default('none')
    .describe('Kafka: how what Sluice writes is compressed. Input is read whatever its compression.'),
  repartition: z
    .enum(['none', 'session'])
    .default('none')
    .describe(
      '`session`: the inputs may be keyed and partitioned in any way. Their messages go through two topics of the application’s own, `<application>-impressions-by-session` and `<application>-interactions-by-session`, where Kafka’s default partitioner places them by session id, in transactions whatever `transport.delivery` says. Costs one more hop for every message; one instance at a time does it.',
    ),
  sessionTimeoutMs: ms
    .default(6_000)
    .describe(
      'Session timeout of the Kafka consumer group: how long an instance without heartbeats keeps its partitions. A tenth of it passes between two heartbeats. Brokers allow 6 s at the least unless group.min.session.timeout.ms says otherwise.',
    ),
  transactionTimeoutMs: ms
    .default(60_000)
    .describe('How long a broker waits for an open transaction before it aborts it.'),
  maxBufferedBytes: bytes.default(8_388_608).describe('Maximum bytes fetched ahead per input topic and partition.'),
  requestTimeoutMs: ms.default(30_000).describe('How long one request to a broker may take.'),
  stuckAfterMs: ms
    .default(120_000)
    .describe(
      'After this long without heartbeat, fetch or commit while work waits, the transport is restarted, and in the end the process.',
    ),
  maxRestarts: z
    .number()
    .int()
    .nonnegative()
    .default(5)
    .describe('Restarts of the transport within ten minutes before the process gives up and exits non-zero.'),
});
