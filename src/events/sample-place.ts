/** Header of a training record: its place among all kept samples and the partition count it counts by, `17/4`. */
export const SAMPLE_PLACE = 'sluice.place';

/** Where a kept sample stands, see {@link placeOfKept}. */
export interface SamplePlace {
  readonly place: number;
  /** Partitions there were when it was written; undefined: it was written by a release that did not say. */
  readonly partitionCount: number | undefined;
}

/**
 * The place of a kept sample in an order over all partitions that the input alone decides: the first of each partition by
 * number, then the second of each, and so on. Where it stands in the topic tells how the partitions' commits interleaved.
 * @param ordinal kept samples of its partition before it
 */
export function placeOfKept(ordinal: number, partition: number, partitionCount: number): number {
  return ordinal * partitionCount + partition;
}

/** The header of a kept sample; topics may have more partitions by the time it is read. */
export function placeHeader(ordinal: number, partition: number, partitionCount: number): string {
  return `${placeOfKept(ordinal, partition, partitionCount)}/${partitionCount}`;
}

/** The partition that a sample was kept in. @param countOfNow where its header does not say what there were then */
export function partitionOfPlace({ place, partitionCount }: SamplePlace, countOfNow: number): number {
  return place % (partitionCount ?? countOfNow);
}

/** Reads what the header holds; undefined when it is absent or no place, as in rows of another producer. */
export function readPlace(header: string | undefined): SamplePlace | undefined {
  const [, place, partitionCount] = /^(\d{1,15})(?:\/([1-9]\d{0,5}))?$/.exec(header ?? '') ?? [];
  if (place === undefined) return undefined;
  return { place: Number(place), partitionCount: partitionCount === undefined ? undefined : Number(partitionCount) };
}
