import kafkajs, { type Admin } from 'kafkajs';
import { COMPACTED, plannedPartitions } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import type { TopicRole } from '../../ports/transport.js';
import { CREATED_MAX_MESSAGE_BYTES, nameOf, ROLES, type KafkaOptions } from './settings.js';

/**
 * Creates the topics that are missing, with the configured partitions and replication, compacted where only the newest
 * record of a key counts. Throws `topic-missing` when `topics.create` is off. Safe to run in several instances at once.
 */
export async function createMissingTopics(admin: Admin, options: KafkaOptions): Promise<void> {
  const present = new Set(await admin.listTopics());
  const missing = ROLES.filter((role) => !present.has(nameOf(options, role)));
  if (missing.length === 0) return;
  if (!options.topics.create) throw new SluiceError('topic-missing', { topic: nameOf(options, missing[0]!) });
  const replicationFactor = await replicationFactorOf(admin, options.topics.replicationFactor);
  for (const role of missing) {
    await admin.createTopics({
      waitForLeaders: true,
      timeout: options.transport.requestTimeoutMs,
      topics: [
        {
          topic: nameOf(options, role),
          numPartitions: plannedPartitions(options.topics, role),
          replicationFactor,
          configEntries: topicSettings(role),
        },
      ],
    });
  }
  options.logger.info('topics created', { topics: missing.map((role) => nameOf(options, role)) });
}

/** Settings of a created topic. */
export function topicSettings(role: TopicRole): { name: string; value: string }[] {
  const settings = [{ name: 'max.message.bytes', value: String(CREATED_MAX_MESSAGE_BYTES) }];
  return COMPACTED.has(role) ? [...settings, { name: 'cleanup.policy', value: 'compact' }] : settings;
}

/** kafkajs speaks versions of CreateTopics in which -1 is not yet the broker default, so it is asked for. */
async function replicationFactorOf(admin: Admin, configured: number): Promise<number> {
  if (configured > 0) return configured;
  const { brokers } = await admin.describeCluster();
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
}
