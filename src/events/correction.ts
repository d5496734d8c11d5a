/** Header of a late record that makes the label of its sample 1: the first of its impression that reaches the goal. */
export const CORRECTS = 'sluice.corrects';

/** Which sample a late interaction makes positive, and since when. */
export interface Correction {
  /** Key of the sample, as rows of the pool have it. */
  readonly sampleKey: number;
  readonly partition: number;
  readonly partitionCount: number;
  /** Samples of its partition whose outcome was final before its turn: a fit on no more than these cannot know of it. */
  readonly after: number;
}

/** Writes what {@link readCorrection} reads. */
export function correctionHeader({ sampleKey, partition, partitionCount, after }: Correction): string {
  return [sampleKey, partition, partitionCount, after].join('/');
}

/** Reads what the header holds; undefined when it is absent or something else. */
export function readCorrection(header: string | undefined): Correction | undefined {
  const [, sampleKey, partition, partitionCount, after] =
    /^(\d{1,16})\/(\d{1,6})\/([1-9]\d{0,5})\/(\d{1,15})$/.exec(header ?? '')?.map(Number) ?? [];
  if (sampleKey === undefined || !Number.isSafeInteger(sampleKey)) return undefined;
  return { sampleKey, partition: partition!, partitionCount: partitionCount!, after: after! };
}

/**
 * True where a fit on the samples of some partitions may know of a correction: its turn came before the last of those was
 * final, so it is committed with them, however the partitions' units interleave.
 * @param seenBy samples of each partition that the fit is on; undefined: what has come by now
 */
export function isKnownAt(
  { partition, partitionCount, after }: Correction,
  seenBy: readonly number[] | undefined,
): boolean {
  return seenBy === undefined || seenBy.length !== partitionCount || after < (seenBy[partition] ?? 0);
}
