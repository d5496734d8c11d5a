import kafkajs, { type Admin } from 'kafkajs';
import { COMPACTED, hasSeveralTopics, plannedPartitions } from '../../config/topics.js';
import { messageOf, SluiceError } from '../../errors.js';
import { POOL_BYTES } from '../../events/pool-facts.js';
import { COUNTERS, INPUTS, type TopicRole } from '../../ports/transport.js';
import { faultsOf, hasType, isAuthorisation } from './failures.js';
import {
  CREATED_MAX_MESSAGE_BYTES,
  DEFAULT_MAX_MESSAGE_BYTES,
  inputTopics,
  LEAST_DEAD_LETTER_BYTES,
  nameOf,
  NEEDED_MESSAGE_BYTES,
  rolesOf,
  type KafkaOptions,
} from './settings.js';
import { refuseUnequalInputs } from './input-growth.js';
import { ledCount, ledPartitions, settled } from './topic-metadata.js';

/** What is known of the application's topics after {@link prepareTopics}. */
export interface PreparedTopics {
  readonly partitionCounts: ReadonlyMap<TopicRole, number>;
  /** `max.message.bytes` of each topic. */
  readonly messageLimits: ReadonlyMap<TopicRole, number>;
}

/** Roles whose topic keeps its own partition count. */
const OWN_COUNT: ReadonlySet<TopicRole> = new Set<TopicRole>(['impressions', 'interactions', 'snapshots', COUNTERS]);

/**
 * Creates the topics that are missing, compacted where only the newest record of a key counts, with as many partitions as
 * the inputs have; lets those grow that Sluice made when the inputs have grown; waits until every partition has a leader;
 * reads what messages they take. Safe to run in several instances at once.
 * @throws SluiceError `topic-missing` when `topics.create` is off, `partition-counts-differ`, `topic-not-made`
 */
export async function prepareTopics(admin: Admin, options: KafkaOptions): Promise<PreparedTopics> {
  const roles = rolesOf(options);
  const present = new Set(await admin.listTopics());
  const isPresent = (role: TopicRole): boolean => present.has(nameOf(options, role));
  const found = await ledPartitions(admin, options, roles.filter(isPresent));
  const inputCount = inputPartitions(found, options);
  const wanted = (role: TopicRole): number =>
    plannedPartitions({ partitions: inputCount ?? options.topics.partitions }, role);
  const missing = roles.filter((role) => !isPresent(role));
  if (missing.length > 0)
    await create(
      admin,
      options,
      missing.map((role) => ({ role, topic: nameOf(options, role) })),
      wanted,
    );
  let partitionCounts = missing.length > 0 ? await ledPartitions(admin, options, roles) : found;
  const limits = await settled(options, () => messageLimits(admin, options));
  const grown: TopicRole[] = [];
  for (const role of roles) {
    const mayGrow = !OWN_COUNT.has(role) && options.outputsKeepTheirSize !== true;
    const isSmall = mayGrow && (found.get(role) ?? Infinity) < wanted(role);
    if (isSmall && (await grow(admin, options, role, wanted(role), limits.get(role)!))) grown.push(role);
  }
  if (grown.length > 0) {
    const least = (role: TopicRole): number => (grown.includes(role) ? wanted(role) : 1);
    partitionCounts = await ledPartitions(admin, options, roles, least);
  }
  await prepareFurther(admin, options, present, partitionCounts.get('impressions')!);
  return { partitionCounts, messageLimits: new Map([...limits].map(([role, { bytes }]) => [role, bytes])) };
}

/** Makes the further topics of inputs that have several, as large as the first; refuses those of another size. */
async function prepareFurther(
  admin: Admin,
  options: KafkaOptions,
  present: ReadonlySet<string>,
  count: number,
): Promise<void> {
  const [left, ...further] = inputTopics(options);
  if (!hasSeveralTopics(options.topics)) return;
  const missing = further.filter((topic) => !present.has(topic));
  // The first of each input are there by now, whoever made them.
  const firsts = INPUTS.map((input) => nameOf(options, input));
  const toMake = missing
    .filter((topic) => !firsts.includes(topic))
    .map((topic) => ({ role: 'impressions', topic }) as const);
  if (toMake.length > 0) await create(admin, options, toMake, () => count);
  for (const right of further) {
    const rightCount = await ledCount(admin, options, right);
    if (rightCount !== count)
      throw new SluiceError('partition-counts-differ', { left: left!, leftCount: count, right, rightCount });
  }
}

/** Partitions of the inputs that exist; undefined when neither does. */
function inputPartitions(found: ReadonlyMap<TopicRole, number>, options: KafkaOptions): number | undefined {
  refuseUnequalInputs(options, found);
  return found.get('impressions') ?? found.get('interactions');
}

async function create(
  admin: Admin,
  options: KafkaOptions,
  missing: readonly { readonly role: TopicRole; readonly topic: string }[],
  wanted: (role: TopicRole) => number,
): Promise<void> {
  if (!options.topics.create) throw new SluiceError('topic-missing', { topic: missing[0]!.topic });
  const replicationFactor = await replicationFactorOf(admin, options);
  for (const { role, topic } of missing) {
    const asked = { numPartitions: wanted(role), replicationFactor, configEntries: topicSettings(role) };
    try {
      await admin.createTopics({
        // kafkajs waits for the leaders of one partition of each topic only.
        waitForLeaders: false,
        timeout: options.transport.requestTimeoutMs,
        topics: [{ topic, ...asked }],
      });
    } catch (error) {
      throw notMade(error, topic, 'created', asked);
    }
  }
  options.logger.info('topics created', { topics: missing.map(({ topic }) => topic) });
}

async function grow(
  admin: Admin,
  options: KafkaOptions,
  role: TopicRole,
  count: number,
  limit: MessageLimit,
): Promise<boolean> {
  // A topic that is not ours to change keeps its size, unless the state needs a place for every partition.
  if ((!limit.isOurs || !options.topics.create) && role !== 'checkpoints') return false;
  const topic = nameOf(options, role);
  if (!options.topics.create)
    throw new SluiceError('topic-not-made', { topic, done: 'grown', why: `topics.create is off, it needs ${count}` });
  try {
    await admin.createPartitions({
      timeout: options.transport.requestTimeoutMs,
      topicPartitions: [{ topic, count }],
    });
    options.logger.info('topic grown with the inputs', { topic, partitions: count });
  } catch (error) {
    // Another instance was first.
    if (!hasType(error, 'INVALID_PARTITIONS')) throw notMade(error, topic, 'grown');
  }
  return true;
}

/**
 * A refusal of the broker with the topic's name, anything else as it is. kafkajs drops what a policy says, so it is told what
 * was asked.
 */
function notMade(error: unknown, topic: string, done: string, asked?: Asked): unknown {
  const refused = faultsOf(error).find(({ type }) => REFUSALS.includes(type ?? ''));
  if (refused === undefined && !isAuthorisation(error)) return error;
  const words = refused?.message ?? messageOf(error);
  const why = asked === undefined ? words : `${words} (asked were ${toldOf(asked)})`;
  return new SluiceError('topic-not-made', { topic, done, why }, { cause: error });
}

const REFUSALS = [
  'POLICY_VIOLATION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'INVALID_TOPIC_EXCEPTION',
];

/** What a topic is to be made with. */
interface Asked {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configEntries: readonly { readonly name: string; readonly value: string }[];
}

function toldOf({ numPartitions, replicationFactor, configEntries }: Asked): string {
  const factor = replicationFactor === -1 ? 'the default' : replicationFactor;
  const settings = configEntries.map(({ name, value }) => `${name}=${value}`);
  return [`partitions=${numPartitions}`, `replication factor=${factor}`, ...settings].join(', ');
}

/** Throws `topic-limit` for a topic that cannot take what is written to it. */
export function refuseNarrowTopics(options: KafkaOptions, limits: ReadonlyMap<TopicRole, number>): void {
  for (const role of rolesOf(options)) {
    const limit = limits.get(role) ?? Infinity;
    const needed = NEEDED_BYTES[role] ?? 0;
    if (limit < needed) throw new SluiceError('topic-limit', { topic: nameOf(options, role), limit, needed });
  }
}

/** Bytes of the largest message of an output, where that is known; a dead letter is cut to what there is. */
export const NEEDED_BYTES: Partial<Record<TopicRole, number>> = {
  checkpoints: NEEDED_MESSAGE_BYTES,
  snapshots: NEEDED_MESSAGE_BYTES,
  'dead-letters': LEAST_DEAD_LETTER_BYTES,
};

/** What the pool's topic keeps: the newest bytes of a partition, however old. */
const POOL_SETTINGS = [
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: String(POOL_BYTES) },
  { name: 'segment.bytes', value: String(POOL_BYTES / 8) },
];

/** Kafka's cleaner leaves the newest segment alone, which a start has to read: by default up to a gigabyte of old checkpoints. */
const CHECKPOINT_SEGMENT = { name: 'segment.bytes', value: '67108864' };

/** Settings of a created topic. */
export function topicSettings(role: TopicRole): { name: string; value: string }[] {
  const settings = [{ name: 'max.message.bytes', value: String(CREATED_MAX_MESSAGE_BYTES) }];
  if (role === 'pool') return [...settings, ...POOL_SETTINGS];
  if (!COMPACTED.has(role)) return settings;
  const compacted = [...settings, { name: 'cleanup.policy', value: 'compact' }];
  return role === 'checkpoints' ? [...compacted, CHECKPOINT_SEGMENT] : compacted;
}

interface MessageLimit {
  readonly bytes: number;
  /** True when the topic has the limit that Sluice gives to those it makes. */
  readonly isOurs: boolean;
}

/** Largest message of each topic. Where looking it up is refused, Kafka's default counts. */
async function messageLimits(admin: Admin, options: KafkaOptions): Promise<ReadonlyMap<TopicRole, MessageLimit>> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [...new Set(rolesOf(options).map((role) => nameOf(options, role)))].map((name) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: ['max.message.bytes'],
      })),
    });
    const found = new Map(resources.map((each) => [each.resourceName, each.configEntries[0]?.configValue]));
    return new Map(
      rolesOf(options).map((role) => {
        const bytes = Number(found.get(nameOf(options, role)) ?? DEFAULT_MAX_MESSAGE_BYTES);
        return [role, { bytes, isOurs: bytes === CREATED_MAX_MESSAGE_BYTES }];
      }),
    );
  } catch (error) {
    if (!isAuthorisation(error)) throw error;
    options.logger.warn('the limits of the topics may not be read (DescribeConfigs on them): the default counts', {
      maxMessageBytes: DEFAULT_MAX_MESSAGE_BYTES,
    });
    return new Map(rolesOf(options).map((role) => [role, { bytes: DEFAULT_MAX_MESSAGE_BYTES, isOurs: false }]));
  }
}

/** kafkajs speaks versions of CreateTopics in which -1 is not yet the broker default, so it is asked for. */
export async function replicationFactorOf(admin: Admin, { topics, logger }: KafkaOptions): Promise<number> {
  if (topics.replicationFactor > 0) return topics.replicationFactor;
  const { brokers } = await admin.describeCluster();
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: kafkajs.ConfigResourceTypes.BROKER,
          name: String(brokers[0]?.nodeId ?? 0),
          configNames: ['default.replication.factor'],
        },
      ],
    });
    const found = Number(
      resources[0]?.configEntries.find(({ configName }) => configName === 'default.replication.factor')?.configValue,
    );
    return Number.isInteger(found) && found > 0 ? found : 1;
  } catch (error) {
    if (!isAuthorisation(error)) throw error;
    const factor = Math.min(3, brokers.length);
    logger.warn('the default replication factor may not be read (DescribeConfigs on the cluster)', { factor });
    return factor;
  }
}
