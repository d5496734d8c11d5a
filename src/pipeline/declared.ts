import type { DeclaredCategory, DeclaredFeature, DeclaredMatch, DeclaredVector } from '../config/declared-schema.js';
import { interactionPathOf } from '../events/interaction-path.js';

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
  /** Words of the text of each match, as often as they stand there; null: missing. */
  readonly texts: readonly (readonly string[] | null)[];
  /** The same of what each match looks for. */
  readonly queryTexts: readonly (readonly string[] | null)[];
}

/** An attribute of a user, as an interaction brings it. */
export interface UserAttribute {
  /** Its place among {@link attributeFeatures}. */
  readonly at: number;
  /** As of the interaction's time: what counts from then goes on. */
  readonly value: number | readonly string[];
}

type AttributeFeature = Exclude<DeclaredFeature, DeclaredVector | DeclaredMatch>;

/** The features that interactions bring, in order. */
export function attributeFeatures(features: readonly DeclaredFeature[]): readonly AttributeFeature[] {
  return features.filter(
    (feature): feature is AttributeFeature =>
      feature.kind !== 'vector' && feature.kind !== 'match' && interactionPathOf(feature.from) !== undefined,
  );
}

/** The features whose values are numbers in {@link Declared}, in the order in which they stand there. */
export function declaredNumbers(
  features: readonly DeclaredFeature[],
): readonly Exclude<DeclaredFeature, DeclaredCategory | DeclaredVector | DeclaredMatch>[] {
  return features.filter(
    (feature) => feature.kind !== 'category' && feature.kind !== 'vector' && feature.kind !== 'match',
  );
}

/** The declared categories, in order. */
export function declaredCategories(features: readonly DeclaredFeature[]): readonly DeclaredCategory[] {
  return features.filter((feature) => feature.kind === 'category');
}

/** The declared vectors, in order. */
export function declaredVectors(features: readonly DeclaredFeature[]): readonly DeclaredVector[] {
  return features.filter((feature) => feature.kind === 'vector');
}

/** The declared matches of texts, in order. */
export function declaredMatches(features: readonly DeclaredFeature[]): readonly DeclaredMatch[] {
  return features.filter((feature) => feature.kind === 'match');
}

/** The words of the text of an item's match, and of what it looks for; null: none. */
export function matchedTexts(
  { declared }: { readonly declared?: Declared },
  at: number,
): readonly [text: readonly string[] | null, sought: readonly string[] | null] {
  return [declared?.texts[at] ?? null, declared?.queryTexts[at] ?? null];
}

/** What a feature compares its value with is another value, of another path; undefined: it compares with none. */
export function comparedWith(feature: DeclaredFeature): string | undefined {
  if (feature.kind === 'match') return feature.with;
  return feature.kind === 'vector' && feature.as.includes('query') ? feature.query : undefined;
}

/** The column that compares a vector with the request's; what became of the value that a match looks for is counted so, too. */
export function queryColumn(name: string): string {
  return `${name}Query`;
}

/** The fields of a map of the message (`context`, `items.attributes`) that are declared, and so not counted by themselves. */
export function declaredFields(features: readonly DeclaredFeature[], map: string): ReadonlySet<string> {
  const prefix = `${map}.`;
  return new Set(features.flatMap(({ from }) => (from.startsWith(prefix) ? [from.slice(prefix.length)] : [])));
}
