import type { ISocketFactory } from 'kafkajs';
import type { Config } from '../../config/schema.js';
import { isOneTopic, streamRoles, topicName, topicNames } from '../../config/topics.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import { INPUTS, type InputName, type TopicRole } from '../../ports/transport.js';

/** What the Kafka transport is built from: parts of the config, a logger and a clock. */
export interface KafkaOptions {
  /** Names the consumer group and, with the partition number, every transactional id. */
  readonly application: string;
  readonly transport: Config['transport'];
  readonly topics: Config['topics'];
  readonly logger: Logger;
  readonly clock: Clock;
  /** Counts restarts (`sluice_transport_restarts_total`). */
  readonly metrics?: Metrics;
  /** True: outputs that exist do not grow with the inputs, for what is keyed in them would move. */
  readonly outputsKeepTheirSize?: boolean;
  /** Makes the sockets; for tests that cut them, and for proxies. */
  readonly socketFactory?: ISocketFactory;
}

/** Roles of the topics that there are. */
export const rolesOf = ({ topics }: Pick<KafkaOptions, 'topics'>): readonly TopicRole[] => streamRoles(topics);

/** Longest time a fetch waits at the broker: a partition that becomes hungry meanwhile waits as long. */
export const FETCH_WAIT_MS = 100;

/** The same where every partition is asked for, and has been for a while, so that none becomes hungry meanwhile. */
export const IDLE_FETCH_WAIT_MS = 1_000;

/** Bytes of one record batch; a topic with default settings takes 1,048,588. */
export const MAX_BATCH_BYTES = 900_000;

/** Records of one record batch: kafkajs copies a batch's list once for each of its records. */
export const MAX_BATCH_RECORDS = 2_000;

/** Bytes of one produce round; brokers take requests of up to 100 MB, but hold them in memory. */
export const MAX_ROUND_BYTES = 8_000_000;

/** Largest message of the topics that Sluice creates: decode.maxMessageBytes by default, and its envelope. */
export const CREATED_MAX_MESSAGE_BYTES = 4_194_304 + 65_536;

/** What a topic takes whose `max.message.bytes` nobody has set. */
export const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;

/** Framing of a record batch, with room to spare. */
export const BATCH_FRAME_BYTES = 128;

/** Bytes that checkpoints and snapshots need: their chunks of 900,000 bytes, and an envelope. */
export const NEEDED_MESSAGE_BYTES = 900_000 + 4_096;

/** Room for the facts of a dead letter without its payload. */
export const LEAST_DEAD_LETTER_BYTES = 8_192;

/** Largest fetch response of one broker. */
export const MAX_FETCH_BYTES = 16_777_216;

/** The consumer group under which an input's positions are kept: of a topic that is both inputs, two groups have one each. */
export function groupOf(options: Pick<KafkaOptions, 'application' | 'topics'>, input: InputName): string {
  const isSecond = input === 'interactions' && isOneTopic(options.topics);
  return isSecond ? `${options.application}-interactions` : options.application;
}

/** Full names of all input topics, each once. */
export function inputTopics({ topics }: Pick<KafkaOptions, 'topics'>): readonly string[] {
  return [...new Set(INPUTS.flatMap((input) => topicNames(topics, input)))];
}

/** Full name of a role's topic; of an input's several the first, which is appended to. */
export function nameOf(options: Pick<KafkaOptions, 'topics'>, role: TopicRole): string {
  return topicName(options.topics, role);
}
