import type { CleanList } from '../admitted.js';
import { AT, COLUMNS } from './columns.js';
import type { FeatureState } from './feature-state.js';
import { dot } from './interests.js';
import type { ListFacts } from './list-facts.js';

const WIDTH = COLUMNS.length;

/** Finds the vector of a text; undefined for blank text or when nothing is embedded. */
export type VectorOf = (text: string) => Float32Array | undefined;

/** Writes the cosine of each item's text with the query and with the session's interest; remembers the items' vectors. */
export function writeText(list: CleanList, facts: ListFacts, state: FeatureState, vectorOf: VectorOf, rows: Float32Array): void {
  const query = list.query === '' ? undefined : vectorOf(list.query);
  const interest = state.interests.of(facts.session);
  const interestNorm = interest ? Math.sqrt(dot(interest, interest)) : 0;
  for (let i = 0, at = 0; i < list.items.length; i++, at += WIDTH) {
    const vector = list.items[i]!.text === '' ? undefined : vectorOf(list.items[i]!.text);
    rows[at + AT.similarityQuery] = vector && query ? dot(vector, query) : NaN;
    rows[at + AT.similarityInterest] = vector && interest && interestNorm > 0 ? dot(vector, interest) / interestNorm : NaN;
    if (vector) state.interests.rememberItem(facts.itemKeys[i]!, vector);
  }
  writeAgainstList(list.items.length, AT.similarityQuery, AT.similarityQueryToList, rows);
  writeAgainstList(list.items.length, AT.similarityInterest, AT.similarityInterestToList, rows);
}

/** Writes a column minus its mean over the list; missing values stay missing and do not count. */
function writeAgainstList(length: number, from: number, to: number, rows: Float32Array): void {
  let sum = 0;
  let known = 0;
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) {
    const value = rows[at + from]!;
    if (value === value) {
      sum += value;
      known++;
    }
  }
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) rows[at + to] = rows[at + from]! - sum / known;
}
