import type { Config } from '../../config/schema.js';
import { declaredCategories } from '../declared.js';
import { mix } from '../state/keys.js';
import type { KeyKind, OwnKind } from './key-kinds.js';
import type { KeySpace, OwnCategory } from './list-keys.js';

type Declaring = Pick<Config['features'], 'declared'> & { readonly state?: Config['features']['state'] };

/** Keys that every list has; others are categories of `features.declared`. */
const BUILT_IN = {
  session: { scope: 'list', keyOf: (keys) => keys.session },
  user: { scope: 'list', keyOf: (keys) => keys.person },
  query: { scope: 'list', keyOf: (keys) => keys.query },
  surface: { scope: 'list', keyOf: (keys) => keys.surface },
  item: { scope: 'item', keyOf: (keys, i) => keys.items[i]! },
  category: { scope: 'item', keyOf: (keys, i) => keys.categories[i]! },
  position: { scope: 'item', keyOf: (keys, i) => keys.places[i]! },
} as const satisfies Readonly<Record<string, KeyKind>>;

/** Names that `by` may have under some settings. */
export function keyNames({ declared }: Pick<Declaring, 'declared'>): readonly string[] {
  return [...Object.keys(BUILT_IN), ...declaredCategories(declared).map(({ name }) => name)];
}

/** The declared categories that something is remembered under, in the order in which they are declared. */
function ownNames({ declared, state }: Declaring): readonly string[] {
  const used = new Set((state ?? []).flatMap((line) => (line.kind === 'last' ? [...line.by, line.value] : line.by)));
  return declaredCategories(declared).flatMap(({ name }) => (used.has(name) && !(name in BUILT_IN) ? [name] : []));
}

/** A category as {@link ownCategories} has it; undefined: it is none. */
export function ownCategory(
  name: string,
  features: Declaring,
): { readonly id: string; readonly at: number } | undefined {
  const declared = declaredCategories(features.declared).find((category) => category.name === name);
  return declared && { id: idOf(declared), at: ownNames(features).indexOf(name) };
}

/** Where lists find the keys of {@link ownNames}. */
export function ownCategories(features: Declaring, space: KeySpace): readonly OwnCategory[] {
  const all = declaredCategories(features.declared);
  return ownNames(features).map((name) => {
    const at = all.findIndex((category) => category.name === name);
    return { id: idOf(all[at]!), at, space: space.declared(name) };
  });
}

/**
 * The kind of key that some names make together: what lacks one of them has none.
 * @param isPeeked true when showings add no entry, since only interactions are remembered
 */
export function ownKind(by: readonly string[], features: Declaring, isPeeked: boolean): OwnKind {
  const own = ownNames(features);
  const parts = by.map((name): KeyKind => {
    if (name in BUILT_IN) return BUILT_IN[name as keyof typeof BUILT_IN];
    const k = own.indexOf(name);
    return { scope: 'item', keyOf: (keys, i) => keys.own[k]![i]! };
  });
  const whose = WHOSE.find((name) => by.includes(name));
  const kind: KeyKind = {
    scope: parts.some(({ scope }) => scope === 'item') ? 'item' : 'list',
    acts: true,
    clicks: true,
    keyOf: (keys, i) => {
      let key = 0;
      for (const part of parts) {
        const next = part.keyOf(keys, i);
        if (next === 0) return 0;
        key = key === 0 ? next : mix(key, next);
      }
      return key;
    },
    ...(isPeeked ? { isPeeked } : {}),
    ...(whose === undefined ? {} : { of: whose }),
  };
  const ids = new Map(declaredCategories(features.declared).map((category) => [category.name, idOf(category)]));
  const meant = by.map((name) => (name in BUILT_IN ? name : ids.get(name)));
  return { name: `own ${meant.join('+')}`, kind };
}

const WHOSE = ['session', 'user'] as const;

const idOf = ({ name, from }: { readonly name: string; readonly from: string }): string => `${name}=${from}`;
