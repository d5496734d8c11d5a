import type { Admin } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import type { TopicRole } from '../../ports/transport.js';
import { hasType } from './failures.js';
import { nameOf, type KafkaOptions } from './settings.js';

const FIRST_PAUSE_MS = 20;
const MOST_PAUSE_MS = 500;

type Patience = Pick<KafkaOptions, 'clock' | 'transport'>;

/** What a broker says of a topic that another one has made a moment ago. */
const UNSETTLED = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'];

/**
 * Partition counts of topics that exist or were made just now, once every partition has a leader: brokers tell of a new
 * topic, and of its leaders, a while after one has made it.
 * @param least partitions a topic must have by now
 * @throws SluiceError `topic-missing` when that has not come within `transport.requestTimeoutMs`
 */
export async function ledPartitions(
  admin: Admin,
  options: KafkaOptions,
  roles: readonly TopicRole[],
  least: (role: TopicRole) => number = () => 1,
): Promise<ReadonlyMap<TopicRole, number>> {
  if (roles.length === 0) return new Map();
  const names = [...new Set(roles.map((role) => nameOf(options, role)))];
  return settled(options, async () => {
    const counts = await ledCounts(admin, names);
    const found = new Map(roles.map((role) => [role, counts.get(nameOf(options, role)) ?? 0]));
    const lacking = roles.find((role) => found.get(role)! < least(role));
    if (lacking !== undefined) throw new NotYet(nameOf(options, lacking));
    return found;
  });
}

/** Partition count of one topic, once every partition has a leader. @throws SluiceError as {@link ledPartitions} */
export function ledCount(admin: Admin, patience: Patience, topic: string): Promise<number> {
  return settled(patience, async () => {
    const count = (await ledCounts(admin, [topic])).get(topic);
    if (count === undefined) throw new NotYet(topic);
    return count;
  });
}

/** Asks again, ever later, while brokers do not know yet of what was made. */
export async function settled<T>({ clock, transport }: Patience, ask: () => Promise<T>): Promise<T> {
  const deadlineMs = clock.monotonicMs() + transport.requestTimeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      const isNew = error instanceof NotYet || UNSETTLED.some((type) => hasType(error, type));
      if (!isNew) throw error;
      if (clock.monotonicMs() > deadlineMs)
        throw error instanceof NotYet ? new SluiceError('topic-missing', { topic: error.topic }) : error;
      await clock.sleep(pauseMs);
    }
  }
}

/** A topic that a broker does not tell of in full yet. */
class NotYet extends Error {
  constructor(readonly topic: string) {
    super(topic);
  }
}

/** Partition counts of those topics all of whose partitions have a leader. */
export async function ledCounts(admin: Admin, names: string[]): Promise<ReadonlyMap<string, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const led = topics.filter(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  return new Map(led.map(({ name, partitions }) => [name, partitions.length]));
}
