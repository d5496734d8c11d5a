import type { Admin } from 'kafkajs';
import { INPUTS, type Committed, type InputName, type InputOffsets } from '../../ports/transport.js';
import type { OffsetLookup } from './offsets.js';
import { groupOf, nameOf, type KafkaOptions } from './settings.js';

/** A committed unit and the mark that tells whose unit it was. */
export interface CommittedUnit extends Committed {
  /** `<lease id>.<unit number>`, kept as metadata of the interactions offset; null before the first commit. */
  readonly mark: string | null;
}

/**
 * The last committed unit of every input partition. The progress record is the metadata of the impressions offset, the
 * unit's mark that of the interactions offset: one transaction writes both. Partitions without a commit begin at the
 * earliest offset of the log, with progress null.
 */
export async function committedUnits(
  admin: Admin,
  lookup: OffsetLookup,
  options: KafkaOptions,
): Promise<ReadonlyMap<number, CommittedUnit>> {
  const names: Record<InputName, string> = {
    impressions: nameOf(options, 'impressions'),
    interactions: nameOf(options, 'interactions'),
  };
  const committed = await committedOffsets(admin, options, names);
  const [impressions, interactions] = [committed.impressions, committed.interactions];
  const begins: Record<InputName, number[]> = {
    impressions: await lookup.begins(names.impressions),
    interactions: await lookup.begins(names.interactions),
  };
  const units = new Map<number, CommittedUnit>();
  for (let partition = 0; partition < begins.impressions.length; partition++) {
    const [shown, done] = [impressions.get(partition), interactions.get(partition)];
    const offsets: InputOffsets = {
      impressions: offsetOr(shown?.offset, begins.impressions[partition]),
      interactions: offsetOr(done?.offset, begins.interactions[partition]),
    };
    const isCommitted = Number(shown?.offset ?? -1) >= 0;
    units.set(partition, {
      offsets,
      progress: isCommitted ? (shown?.metadata ?? '') : null,
      mark: done?.metadata ?? null,
    });
  }
  return units;
}

type CommittedPartition = Awaited<ReturnType<Admin['fetchOffsets']>>[number]['partitions'][number];

/** What the groups hold of each input, by partition: one request a group. */
async function committedOffsets(
  admin: Admin,
  options: KafkaOptions,
  names: Readonly<Record<InputName, string>>,
): Promise<Record<InputName, ReadonlyMap<number, CommittedPartition>>> {
  const found = {
    impressions: new Map<number, CommittedPartition>(),
    interactions: new Map<number, CommittedPartition>(),
  };
  for (const groupId of new Set(INPUTS.map((input) => groupOf(options, input)))) {
    const inputs = INPUTS.filter((input) => groupOf(options, input) === groupId);
    const topics = await admin.fetchOffsets({ groupId, topics: inputs.map((input) => names[input]) });
    for (const input of inputs)
      for (const each of topics.find(({ topic }) => topic === names[input])?.partitions ?? [])
        found[input].set(each.partition, each);
  }
  return found;
}

const offsetOr = (offset: string | undefined, begin: number | undefined): number =>
  offset !== undefined && Number(offset) >= 0 ? Number(offset) : (begin ?? 0);
