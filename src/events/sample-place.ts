/** Header of a training record: its place among all kept samples, see {@link placeOfKept}. */
export const SAMPLE_PLACE = 'sluice.place';

/**
 * The place of a kept sample in an order over all partitions that the input alone decides: the first of each partition by
 * number, then the second of each, and so on. Where it stands in the topic tells how the partitions' commits interleaved.
 * @param ordinal kept samples of its partition before it
 */
export function placeOfKept(ordinal: number, partition: number, partitionCount: number): number {
  return ordinal * partitionCount + partition;
}

/** Reads what the header holds; undefined when it is absent or no place, as in rows of another producer. */
export function readPlace(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,15}$/.test(header)) return undefined;
  return Number(header);
}
