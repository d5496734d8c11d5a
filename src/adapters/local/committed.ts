import { SluiceError } from '../../errors.js';
import { MAX_PROGRESS_BYTES, type Committed, type InputOffsets, type UnitOfWork } from '../../ports/transport.js';
import type { LogStore } from './log-store.js';

const NOTHING_YET: Committed = { offsets: { impressions: 0, interactions: 0 }, progress: null };

/** The committed position of a partition; offsets 0 and no progress before the first commit. */
export function readCommitted(store: LogStore, application: string, partition: number): Committed {
  const stored = store.fact(keyOf(application, partition));
  return stored === undefined ? NOTHING_YET : (JSON.parse(stored) as Committed);
}

/** Moves the committed position; belongs inside a write. */
export function putCommitted(store: LogStore, application: string, partition: number, unit: UnitOfWork): void {
  const { offsets, progress } = unit;
  putNumbered(store, application, partition, { offsets, progress });
  if (unit.neededFrom) store.putFact(neededKeyOf(application, partition), JSON.stringify(unit.neededFrom));
  for (const [other, moved] of unit.others ?? []) {
    putNumbered(store, application, other, { offsets: moved, progress: '' });
    if (unit.neededFrom) store.putFact(neededKeyOf(application, other), JSON.stringify(moved));
  }
}

/** Writes a position under the number of its partition; belongs inside a write. */
export function putNumbered(
  store: LogStore,
  application: string,
  partition: number,
  { offsets: { impressions, interactions }, progress }: Committed,
): void {
  store.putFact(keyOf(application, partition), JSON.stringify({ offsets: { impressions, interactions }, progress }));
}

/** Where the furthest re-read of a partition begins that an application may still make; 0 while that is not known. */
export function readNeededFrom(store: LogStore, application: string, partition: number): InputOffsets {
  const stored = store.fact(neededKeyOf(application, partition));
  return stored === undefined ? NOTHING_YET.offsets : (JSON.parse(stored) as InputOffsets);
}

/** Every application that ever ran on the store. */
export function applicationsOf(store: LogStore): readonly string[] {
  return store.factKeys(PARTITIONS_PREFIX).map((key) => key.slice(PARTITIONS_PREFIX.length));
}

/** Throws `progress-too-large`: a Kafka offset could not carry it. */
export function checkProgress({ progress }: UnitOfWork): void {
  const bytes = Buffer.byteLength(progress);
  if (bytes > MAX_PROGRESS_BYTES) throw new SluiceError('progress-too-large', { bytes, limit: MAX_PROGRESS_BYTES });
}

/**
 * Holds an application to the partition count its state was written with. Throws `output-partitions-changed` when its
 * inputs (another topic by `topics.names`, say) have another one. Belongs inside a write.
 */
export function checkPartitionCount(store: LogStore, application: string, topic: string, found: number): void {
  const key = `${PARTITIONS_PREFIX}${application}`;
  const expected = Number(store.fact(key) ?? found);
  if (expected !== found) throw new SluiceError('output-partitions-changed', { topic, found, expected });
  store.putFact(key, String(found));
}

/** One such fact for every application that ever ran on the store. */
const PARTITIONS_PREFIX = 'partitions:';

function neededKeyOf(application: string, partition: number): string {
  return `needed:${application}:${partition}`;
}

function keyOf(application: string, partition: number): string {
  return `committed:${application}:${partition}`;
}
