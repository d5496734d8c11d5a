import { SAMPLE_FLAGS, type SampleFlag } from './words.js';

/** The bit of each flag, in the order of {@link SAMPLE_FLAGS}. State and batches carry flags as one byte. */
export const FLAG_BITS = Object.fromEntries(SAMPLE_FLAGS.map((flag, index) => [flag, 1 << index])) as Readonly<
  Record<SampleFlag, number>
>;

const SETS: readonly (readonly SampleFlag[])[] = Array.from({ length: 1 << SAMPLE_FLAGS.length }, (_, bits) =>
  Object.freeze(SAMPLE_FLAGS.filter((flag) => (bits & FLAG_BITS[flag]) !== 0)),
);

/** The names of some flag bits, in the order of the table. Gives the same array for the same bits; other bits are ignored. */
export function flagsOf(bits: number): readonly SampleFlag[] {
  return SETS[bits & (SETS.length - 1)]!;
}
