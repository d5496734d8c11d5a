import type { DeclaredCategory, DeclaredFeature, DeclaredVector } from '../config/declared-schema.js';

/**
 * The values of an item's declared features, read from its message. Values of the list itself stand on every item.
 * Each array has one entry for each feature of its sort, in the order of `features.declared`.
 */
export interface Declared {
  /** Numbers, booleans and times, as their columns hold them; NaN: missing. */
  readonly numbers: Float64Array;
  /** Values of categories, none of them empty; an empty list: missing. */
  readonly categories: readonly (readonly string[])[];
  /** Null: missing. */
  readonly vectors: readonly (Float32Array | null)[];
  /** What each vector's `query` names; null: missing, or not asked for. */
  readonly queryVectors: readonly (Float32Array | null)[];
}

/** The features whose values are numbers in {@link Declared}, in the order in which they stand there. */
export function declaredNumbers(
  features: readonly DeclaredFeature[],
): readonly Exclude<DeclaredFeature, DeclaredCategory | DeclaredVector>[] {
  return features.filter((feature) => feature.kind !== 'category' && feature.kind !== 'vector');
}

/** The declared categories, in order. */
export function declaredCategories(features: readonly DeclaredFeature[]): readonly DeclaredCategory[] {
  return features.filter((feature) => feature.kind === 'category');
}

/** The declared vectors, in order. */
export function declaredVectors(features: readonly DeclaredFeature[]): readonly DeclaredVector[] {
  return features.filter((feature) => feature.kind === 'vector');
}

/** The column that compares a vector with the request's. */
export function queryColumn(name: string): string {
  return `${name}Query`;
}

/** The fields of a map of the message (`context`, `items.attributes`) that are declared, and so not counted by themselves. */
export function declaredFields(features: readonly DeclaredFeature[], map: string): ReadonlySet<string> {
  const prefix = `${map}.`;
  return new Set(features.flatMap(({ from }) => (from.startsWith(prefix) ? [from.slice(prefix.length)] : [])));
}
