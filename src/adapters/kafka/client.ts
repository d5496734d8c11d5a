import { Kafka, logLevel, type Cluster, type ISocketFactory } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import { splittable, withIpv6 } from './addresses.js';
import { calmQueues } from './calm-queues.js';
import { lendCodecs } from './codecs.js';
import { certificatesOf, saslOf } from './credentials.js';
import { kafkaLogCreator } from './log-creator.js';
import type { KafkaOptions } from './settings.js';
import { openSocket } from './sockets.js';

/** Short pauses first: coordinators of a new group or transaction load within milliseconds. About ten seconds in all. */
const RETRY = { initialRetryTime: 50, multiplier: 1.7, maxRetryTime: 2_000, retries: 10 } as const;

/** A kafkajs client, and the sockets it goes by. */
export interface KafkaClient {
  readonly kafka: Kafka;
  readonly socketFactory: ISocketFactory;
}

/** A kafkajs client from the config. Throws `config-invalid` or `credential-unreadable` when it could never connect. */
export function kafkaClient(
  options: KafkaOptions,
  environment: NodeJS.ProcessEnv = process.env,
  clientId: string = options.application,
): KafkaClient {
  lendCodecs();
  calmQueues();
  const { transport } = options;
  const sasl = saslOf(options, environment);
  const socketFactory = withIpv6(options.socketFactory ?? openSocket(certificatesOf(options, environment)));
  const kafka = new Kafka({
    clientId,
    brokers: transport.brokers.map(splittable),
    // The sockets are ours: they know the certificates.
    ssl: transport.tls,
    connectionTimeout: Math.min(10_000, transport.requestTimeoutMs),
    requestTimeout: transport.requestTimeoutMs,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: kafkaLogCreator(options.logger),
    ...(sasl === undefined ? {} : { sasl }),
    socketFactory,
  });
  return { kafka, socketFactory };
}

/**
 * A cluster connection of its own for fetches and offset look-ups. kafkajs hands its typed `Cluster` to assigners only, so
 * one is taken from a consumer that never runs. Own connections matter: a broker answers each connection in order, and a
 * heartbeat must not wait behind a fetch. `isolation` decides where an offset look-up sees the end of the log: at the first
 * open transaction, or at the next offset to be written.
 */
export function openCluster(kafka: Kafka, isolation: 'committed' | 'uncommitted'): Cluster {
  let taken: Cluster | undefined;
  kafka.consumer({
    groupId: 'never-joined',
    readUncommitted: isolation === 'uncommitted',
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    partitionAssigners: [
      ({ cluster }) => {
        taken = cluster;
        return {
          name: 'none',
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        };
      },
    ],
  });
  if (taken === undefined) throw new SluiceError('bug', { why: 'kafkajs made no cluster for the assigner' });
  return taken;
}
