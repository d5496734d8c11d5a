/** The section on the transport, apart from the rest only to keep files short. */
import { z } from 'zod';
import { bytes, ms } from './units.js';

const sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('SASL mechanism.'),
  username: z.string().describe('SASL user name.'),
  passwordEnv: z
    .string()
    .default('SLUICE_KAFKA_PASSWORD')
    .describe('Environment variable that holds the password; it never stands in the file.'),
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
      'Embedded: every commit waits for the disk. Off: the disk has it within about a second. A killed process loses nothing either way; a power cut rolls the store back by that second, whole.',
    ),
  inputRetentionMs: ms
    .default(0)
    .describe(
      'Embedded: input is deleted this long after it was appended, once no restore of any application that ever ran on the store can ask for it; 0: never. Kafka: see retention.ms of the topic.',
    ),
  outputRetentionMs: ms
    .default(0)
    .describe(
      'Embedded: training samples, audit samples and late interactions are deleted this long after they were written, read or not; 0: never. The learner starts from what is left. Dead letters, snapshots and checkpoints stay.',
    ),
  brokers: z
    .union([z.string(), z.array(z.string())])
    .transform((given) => (Array.isArray(given) ? given : given.split(',').map((broker) => broker.trim())))
    .pipe(z.array(z.string().min(1)).min(1))
    .default(['127.0.0.1:9092'])
    .describe('Kafka bootstrap servers, a list or comma-separated.'),
  tls: z.boolean().default(false).describe('TLS to the brokers, with the system certificates.'),
  sasl: sasl.optional().describe('SASL credentials.'),
  delivery: z
    .enum(['exactly-once', 'at-least-once'])
    .default('exactly-once')
    .describe(
      'Kafka: `exactly-once` commits outputs, offsets and progress in one transaction. `at-least-once` writes outputs first and offsets after, without transactions: after a crash or a rebalance readers may see samples twice (same sampleId, same content), and never lose one. The embedded store is always exactly once.',
    ),
  sessionTimeoutMs: ms
    .default(30_000)
    .describe('Kafka group session: how long a silent instance keeps its partitions.'),
  transactionTimeoutMs: ms
    .default(60_000)
    .describe('How long a broker waits for an open transaction before it aborts it.'),
  maxBufferedBytes: bytes
    .default(8_388_608)
    .describe('Bytes fetched ahead per input topic and partition; more smooths, less saves memory.'),
  requestTimeoutMs: ms.default(30_000).describe('How long one request to a broker may take.'),
  stuckAfterMs: ms
    .default(120_000)
    .describe('Watchdog: no heartbeat, fetch or commit for this long with work waiting means restart, then exit.'),
  maxRestarts: z
    .number()
    .int()
    .nonnegative()
    .default(5)
    .describe('Restarts of the transport within ten minutes before the process gives up and exits non-zero.'),
});
