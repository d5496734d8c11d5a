import type { CleanList } from '../admitted.js';
import type { Key } from '../state/keys.js';
import { AT, COLUMNS } from './columns.js';
import type { FeatureState } from './feature-state.js';
import { dot, fourDots } from './interests.js';
import type { ListFacts } from './list-facts.js';

const WIDTH = COLUMNS.length;

/** Finds the vector of a text; undefined for blank text or when nothing is embedded. */
export type VectorOf = (text: string) => Float32Array | undefined;

/** Writes the cosine of each item's text with the query and with the session's interest; remembers the items' vectors. */
export function writeText(
  list: CleanList,
  facts: ListFacts,
  state: FeatureState,
  vectorOf: VectorOf,
  rows: Float32Array,
): void {
  const query = list.query === '' ? undefined : vectorOf(list.query);
  const interest = state.interests.of(facts.session);
  const interestNorm = interest ? Math.sqrt(dot(interest, interest)) : 0;
  const vectors = list.items.map(({ text }) => (text === '' ? undefined : vectorOf(text)));
  const first = query ?? interest;
  const second = interest ?? query;
  const dots = new Float64Array(4);
  for (let i = 0; i < vectors.length; i += 2) {
    const some = vectors[i] ?? vectors[i + 1];
    if (some && first && second) fourDots(vectors[i] ?? some, vectors[i + 1] ?? some, first, second, dots);
    for (let j = i; j < Math.min(i + 2, vectors.length); j++) {
      const at = j * WIDTH;
      const pair = 2 * (j - i);
      rows[at + AT.similarityQuery] = vectors[j] && query ? dots[pair]! : NaN;
      rows[at + AT.similarityInterest] =
        vectors[j] && interest && interestNorm > 0 ? dots[pair + 1]! / interestNorm : NaN;
    }
  }
  for (let i = 0; i < vectors.length; i++) rememberVector(vectors[i], facts.itemKeys[i]!, state);
  writeAgainstList(list.items.length, AT.similarityQuery, AT.similarityQueryToList, rows);
  writeAgainstList(list.items.length, AT.similarityInterest, AT.similarityInterestToList, rows);
}

/** Remembers the vectors of a list's items, as {@link writeText} does. */
export function rememberTexts(list: CleanList, facts: ListFacts, state: FeatureState, vectorOf: VectorOf): void {
  for (let i = 0; i < list.items.length; i++) {
    const { text } = list.items[i]!;
    if (text !== '') rememberVector(vectorOf(text), facts.itemKeys[i]!, state);
  }
}

function rememberVector(vector: Float32Array | undefined, item: Key, state: FeatureState): void {
  if (vector) state.interests.rememberItem(item, vector);
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
