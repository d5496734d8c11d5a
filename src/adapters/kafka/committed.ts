import type { Admin } from 'kafkajs';
import { INPUTS, type Committed, type InputName } from '../../ports/transport.js';
import type { OffsetLookup } from './offsets.js';
import { hasSeveralTopics, topicNames } from '../../config/topics.js';
import { numberedCount, placeOf } from '../../config/input-places.js';
import { groupOf, inputTopics, nameOf, type KafkaOptions } from './settings.js';

/** A committed unit and the mark that tells whose unit it was. */
export interface CommittedUnit extends Committed {
  /** `<lease id>.<unit number>`, kept as metadata of the interactions offset; null before the first commit. */
  readonly mark: string | null;
}

/**
 * The last committed unit of every input partition. The progress record is the metadata of the impressions offset, the
 * unit's mark that of the interactions offset: one transaction writes both. Partitions without a commit begin at the
 * earliest offset of the log, with progress null.
 * @param known partitions that each topic is taken to have where an input has several ({@link placeOf}); one topic is asked
 */
export async function committedUnits(
  admin: Admin,
  lookup: OffsetLookup,
  options: KafkaOptions,
  known: number | undefined,
): Promise<ReadonlyMap<number, CommittedUnit>> {
  const committed = await committedOffsets(admin, options);
  const begins = new Map<string, readonly number[]>();
  for (const topic of inputTopics(options)) begins.set(topic, await lookup.begins(topic));
  const asked = begins.get(nameOf(options, 'impressions'))?.length ?? 0;
  const partitionCount = hasSeveralTopics(options.topics) ? (known ?? asked) : asked;
  const units = new Map<number, CommittedUnit>();
  for (let numbered = 0; numbered < numberedCount(options, partitionCount); numbered++) {
    const found = (input: InputName): { of?: CommittedPartition | undefined; offset: number } => {
      const place = placeOf(options, input, numbered, partitionCount);
      if (place === undefined) return { offset: 0 };
      const of = committed[input].get(place.topic)?.get(place.partition);
      return { of, offset: offsetOr(of?.offset, begins.get(place.topic)?.[place.partition]) };
    };
    const [shown, done] = [found('impressions'), found('interactions')];
    const isCommitted = Number(shown.of?.offset ?? -1) >= 0;
    units.set(numbered, {
      offsets: { impressions: shown.offset, interactions: done.offset },
      progress: isCommitted ? (shown.of?.metadata ?? '') : null,
      mark: done.of?.metadata ?? null,
    });
  }
  return units;
}

type CommittedPartition = Awaited<ReturnType<Admin['fetchOffsets']>>[number]['partitions'][number];

type ByTopic = Map<string, ReadonlyMap<number, CommittedPartition>>;

/** What the groups hold of each input, by topic and partition: one request a group. */
async function committedOffsets(admin: Admin, options: KafkaOptions): Promise<Record<InputName, ByTopic>> {
  const found: Record<InputName, ByTopic> = { impressions: new Map(), interactions: new Map() };
  for (const groupId of new Set(INPUTS.map((input) => groupOf(options, input)))) {
    const inputs = INPUTS.filter((input) => groupOf(options, input) === groupId);
    const names = new Set(inputs.flatMap((input) => topicNames(options.topics, input)));
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId, topics: [...names] }))
      for (const input of inputs)
        if (topicNames(options.topics, input).includes(topic))
          found[input].set(topic, new Map(partitions.map((each) => [each.partition, each])));
  }
  return found;
}

const offsetOr = (offset: string | undefined, begin: number | undefined): number =>
  offset !== undefined && Number(offset) >= 0 ? Number(offset) : (begin ?? 0);
