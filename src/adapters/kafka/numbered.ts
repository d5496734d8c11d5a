import type { InputPlace } from '../../config/input-places.js';
import { topicNames } from '../../config/topics.js';
import type { TopicRole } from '../../ports/transport.js';
import type { KafkaOptions } from './settings.js';

export interface PlacedOffset extends InputPlace {
  readonly offset: number;
}

/**
 * An offset of every partition of a role; of one with several topics in the order in which places are numbered.
 * @param ask offsets of a topic, by partition
 */
export async function numberedOffsets(
  { topics }: Pick<KafkaOptions, 'topics'>,
  role: TopicRole,
  partitionCount: number,
  ask: (topic: string) => Promise<number[]>,
): Promise<readonly PlacedOffset[]> {
  const names = topicNames(topics, role);
  // Of several, only those that were counted: with more the numbers would move.
  const most = names.length > 1 ? partitionCount : undefined;
  const offsets = await Promise.all(names.map(ask));
  return offsets.flatMap((of, index) =>
    of.slice(0, most).map((offset, partition) => ({ topic: names[index]!, partition, offset })),
  );
}
