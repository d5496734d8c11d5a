import type { Admin } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import { INPUTS, type InputGrowth, type TopicRole } from '../../ports/transport.js';
import { nameOf, type KafkaOptions } from './settings.js';
import { ledCounts } from './topic-metadata.js';

type Counts = ReadonlyMap<TopicRole, number>;

/** How the inputs have grown beyond the counts that are known. One whose new partitions have no leader yet has not. */
export async function inputGrowth(admin: Admin, options: KafkaOptions, known: Counts): Promise<InputGrowth> {
  const roles = [...INPUTS, 'checkpoints'] as const;
  const now = await ledCounts(admin, [...new Set(roles.map((role) => nameOf(options, role)))]);
  const before = (role: TopicRole): number => known.get(role) ?? 0;
  const after = (role: TopicRole): number => Math.max(before(role), now.get(nameOf(options, role)) ?? 0);
  const grown = INPUTS.filter((input) => after(input) > before(input)).map(
    (input) => [nameOf(options, input), { from: before(input), to: after(input) }] as const,
  );
  const [smaller, larger] = [...INPUTS].sort((left, right) => after(left) - after(right)) as [TopicRole, TopicRole];
  const needsPlace = !options.topics.create && options.outputsKeepTheirSize !== true;
  const tooSmall = (role: TopicRole, why: string): string | null =>
    after(role) < after(larger) ? `${nameOf(options, role)} has ${after(role)} partitions${why}` : null;
  return {
    topics: [...new Map(grown)].map(([topic, counts]) => ({ topic, ...counts })),
    waitsFor: tooSmall(smaller, '') ?? (needsPlace ? tooSmall('checkpoints', ', and topics.create is off') : null),
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
