/** Partitions of inputs that may have several topics, numbered through all of them. */
import { hasSeveralTopics, topicName, topicNames } from '../../config/topics.js';
import { INPUTS, type InputName, type TopicRole } from '../../ports/transport.js';
import type { KafkaOptions } from './settings.js';

/** Where a partition of an input lies. */
export interface InputPlace {
  readonly topic: string;
  readonly partition: number;
}

/**
 * Where a numbered partition of an input lies. Where an input has several topics, the partitions of the first come first, then
 * those of the second, and so on; all topics have `partitionCount`. undefined: the input has fewer topics than the other one.
 */
export function placeOf(
  { topics }: Pick<KafkaOptions, 'topics'>,
  input: InputName,
  numbered: number,
  partitionCount: number,
): InputPlace | undefined {
  if (!hasSeveralTopics(topics)) return { topic: topicName(topics, input), partition: numbered };
  const topic = topicNames(topics, input)[Math.floor(numbered / partitionCount)];
  return topic === undefined ? undefined : { topic, partition: numbered % partitionCount };
}

/** How many partitions the inputs are numbered through to. */
export function numberedCount({ topics }: Pick<KafkaOptions, 'topics'>, partitionCount: number): number {
  return partitionCount * Math.max(...INPUTS.map((input) => topicNames(topics, input).length));
}

export interface PlacedOffset extends InputPlace {
  readonly offset: number;
}

/**
 * An offset of every partition of a role; of one with several topics in the order of {@link placeOf}.
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
