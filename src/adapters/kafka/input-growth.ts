import type { Admin } from 'kafkajs';
import { topicNames } from '../../config/topics.js';
import { SluiceError } from '../../errors.js';
import { INPUTS, type InputGrowth, type TopicRole } from '../../ports/transport.js';
import { inputTopics, nameOf, type KafkaOptions } from './settings.js';
import { ledCounts } from './topic-metadata.js';

type Counts = ReadonlyMap<TopicRole, number>;

/** How the inputs have grown beyond the counts that are known. One whose new partitions have no leader yet has not. */
export async function inputGrowth(admin: Admin, options: KafkaOptions, known: Counts): Promise<InputGrowth> {
  const checkpoints = nameOf(options, 'checkpoints');
  // All topics of an input were as large as its first when the transport looked.
  const before = new Map([[checkpoints, known.get('checkpoints') ?? 0]]);
  for (const input of INPUTS)
    for (const topic of topicNames(options.topics, input)) before.set(topic, known.get(input) ?? 0);
  const now = await ledCounts(admin, [...before.keys()]);
  const after = (topic: string): number => Math.max(before.get(topic)!, now.get(topic) ?? 0);
  const inputs = inputTopics(options);
  const grown = inputs.filter((topic) => after(topic) > before.get(topic)!);
  const bySize = [...inputs].sort((left, right) => after(left) - after(right));
  const needsPlace = !options.topics.create && options.outputsKeepTheirSize !== true;
  const tooSmall = (topic: string, why: string): string | null =>
    after(topic) < after(bySize.at(-1)!) ? `${topic} has ${after(topic)} partitions${why}` : null;
  return {
    topics: grown.map((topic) => ({ topic, from: before.get(topic)!, to: after(topic) })),
    waitsFor: tooSmall(bySize[0]!, '') ?? (needsPlace ? tooSmall(checkpoints, ', and topics.create is off') : null),
    movesSessions: grown.length > 0,
  };
}

/** @throws SluiceError `partition-counts-differ` */
export function refuseUnequalInputs(options: KafkaOptions, known: Counts): void {
  const [leftCount, rightCount] = [known.get('impressions'), known.get('interactions')];
  if (leftCount === undefined || rightCount === undefined || leftCount === rightCount) return;
  const [left, right] = [nameOf(options, 'impressions'), nameOf(options, 'interactions')];
  throw new SluiceError('partition-counts-differ', { left, leftCount, right, rightCount });
}
