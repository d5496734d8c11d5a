import type { Carried, NamedVector } from '../../events/words.js';
import type { ListHistory } from '../features/histories.js';

/** Text vectors of one list: its query's and its items', in order. */
export interface ListVectors {
  readonly query: Float32Array | undefined;
  readonly items: readonly (Float32Array | undefined)[];
}

/** What the samples of one list carry beside facts; never in a checkpoint, since reading the list again gives it again. */
export interface ListExtras {
  /** Absent: samples carry no text vectors. */
  readonly vectors?: ListVectors;
  /** Fields of its message, item by item; absent: samples carry none. */
  readonly carried?: readonly (Carried | undefined)[];
  /** What its session and user did before it; absent: samples carry none of it. */
  readonly history?: ListHistory;
}

/** The vectors of one impression by name; null when it has none. */
export function namedVectors(vectors: ListVectors | undefined, index: number): NamedVector[] | null {
  const named = (name: string, vector: Float32Array | undefined): NamedVector[] =>
    vector ? [{ name, values: Array.from(vector) }] : [];
  const found = [...named('query', vectors?.query), ...named('item', vectors?.items[index])];
  return found.length > 0 ? found : null;
}
