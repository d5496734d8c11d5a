import type { InputName, TopicRole } from '../ports/transport.js';
import type { Config } from './schema.js';

/** Full topic name of a role: `topics.names` wins over `topics.prefix` + role. */
export function topicName(topics: Pick<Config['topics'], 'prefix' | 'names'>, role: TopicRole): string {
  return topics.names[role] ?? `${topics.prefix}${role}`;
}

/** True when both inputs are one topic, which holds events of all kinds. */
export function isOneTopic(topics: Pick<Config['topics'], 'prefix' | 'names'>): boolean {
  return topicName(topics, 'impressions') === topicName(topics, 'interactions');
}

/** Topics that keep the newest record of each key only. */
export const COMPACTED: ReadonlySet<TopicRole> = new Set<TopicRole>(['snapshots', 'checkpoints']);

/** Partition count a role's topic is created with: one for snapshots, else the configured count. */
export function plannedPartitions(topics: Pick<Config['topics'], 'partitions'>, role: TopicRole): number {
  return role === 'snapshots' ? 1 : topics.partitions;
}

/** The topic that holds an input of an application by session, where `transport.repartition` says so. */
export function bySessionTopic(application: string, input: InputName): string {
  return `${application}-${input}-by-session`;
}

/** The topics that the stream reads and writes: its inputs are those by session where `transport.repartition` says so. */
export function streamTopics({
  application,
  topics,
  transport,
}: Pick<Config, 'application' | 'topics' | 'transport'>): Config['topics'] {
  if (transport.repartition === 'none') return topics;
  return {
    ...topics,
    names: {
      ...topics.names,
      impressions: bySessionTopic(application, 'impressions'),
      interactions: bySessionTopic(application, 'interactions'),
    },
  };
}
