import { RULE_NAMES, RULES, type RuleName } from '../conduct/rules.js';

/** What may be wrong with a sample: the rules on conduct, and a label that keeps contradicting a confident committee. */
export type SampleFlag = RuleName | 'contradicted';

/** Number of each flag's bit, as state and checkpoints hold them; a rule says its own. */
const BIT_NUMBERS: Readonly<Record<SampleFlag, number>> = {
  ...(Object.fromEntries(RULE_NAMES.map((name) => [name, RULES[name].bit])) as Record<RuleName, number>),
  contradicted: 3,
};

/** Every flag, by its bit. */
export const SAMPLE_FLAGS: readonly SampleFlag[] = (Object.keys(BIT_NUMBERS) as SampleFlag[]).sort(
  (a, b) => BIT_NUMBERS[a] - BIT_NUMBERS[b],
);

/** The bit of each flag. State and batches carry flags as one byte. */
export const FLAG_BITS = Object.fromEntries(SAMPLE_FLAGS.map((flag) => [flag, 1 << BIT_NUMBERS[flag]])) as Readonly<
  Record<SampleFlag, number>
>;

const SETS: readonly (readonly SampleFlag[])[] = Array.from(
  { length: 2 << BIT_NUMBERS[SAMPLE_FLAGS.at(-1)!] },
  (_, bits) => Object.freeze(SAMPLE_FLAGS.filter((flag) => (bits & FLAG_BITS[flag]) !== 0)),
);

/** The names of some flag bits, in the order of the table. Gives the same array for the same bits; other bits are ignored. */
export function flagsOf(bits: number): readonly SampleFlag[] {
  return SETS[bits & (SETS.length - 1)]!;
}
