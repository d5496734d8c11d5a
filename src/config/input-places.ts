/** Partitions of inputs that may have several topics, numbered through all of them. */
import { INPUTS, type InputName } from '../ports/transport.js';
import type { Config } from './schema.js';
import { hasSeveralTopics, topicName, topicNames } from './topics.js';

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
  { topics }: Pick<Config, 'topics'>,
  input: InputName,
  numbered: number,
  partitionCount: number,
): InputPlace | undefined {
  if (!hasSeveralTopics(topics)) return { topic: topicName(topics, input), partition: numbered };
  const topic = topicNames(topics, input)[Math.floor(numbered / partitionCount)];
  return topic === undefined ? undefined : { topic, partition: numbered % partitionCount };
}

/** How many partitions the inputs are numbered through to. */
export function numberedCount({ topics }: Pick<Config, 'topics'>, partitionCount: number): number {
  return partitionCount * Math.max(...INPUTS.map((input) => topicNames(topics, input).length));
}

/** `topic/partition` of each input, for a reader of where a message came from; undefined: each has one topic. */
export function placesTold(
  options: Pick<Config, 'topics'>,
  numbered: number,
  partitionCount: number,
): Partial<Record<InputName, string>> | undefined {
  if (!hasSeveralTopics(options.topics)) return undefined;
  const lies: Partial<Record<InputName, string>> = {};
  for (const input of INPUTS) {
    const place = placeOf(options, input, numbered, partitionCount);
    if (place !== undefined) lies[input] = `${place.topic}/${place.partition}`;
  }
  return lies;
}
