import { mix, type Key } from '../state/keys.js';
import { DEVICES } from './device.js';
import type { ListKeys } from './list-keys.js';
import { neighbourKey, relationKey, situationKey } from './situation-keys.js';

/** What something is counted under: who has an entry, and which events find it. */
export interface KeyKind {
  /** One entry a list, or one an item of it. */
  readonly scope: 'list' | 'item';
  /** Key of the `i`-th item (of the list, for the scope `list`); 0: it has none. */
  readonly keyOf: (keys: ListKeys, i: number) => Key;
  /** True when interactions count here. */
  readonly acts?: true;
  /** True when first clicks of impressions count here. */
  readonly clicks?: true;
  /** True when a showing finds entries and adds none: only interactions do. */
  readonly isPeeked?: true;
  /** True when keys come from what the session did so far, see `situations.ts`. */
  readonly isSituation?: true;
  /** Whose key it is: a session has all its events on one partition, a user that is known has sessions on several. */
  readonly of?: 'session' | 'user';
}

/** A kind of key that `features.state` declares. */
export interface OwnKind {
  /** Names its table in checkpoints, and changes with whatever changes what its keys mean. */
  readonly name: string;
  readonly kind: KeyKind;
}

/** Every kind of key that a column may be counted under. One line a kind. */
export const KEY_KINDS = {
  surface: { scope: 'list', clicks: true, keyOf: (keys) => keys.surface },
  query: { scope: 'list', clicks: true, keyOf: (keys) => keys.query },
  person: { scope: 'list', acts: true, of: 'user', clicks: true, keyOf: (keys) => keys.person },
  session: { scope: 'list', acts: true, of: 'session', keyOf: (keys) => keys.session },
  item: { scope: 'item', acts: true, clicks: true, keyOf: (keys, i) => keys.items[i]! },
  category: { scope: 'item', clicks: true, keyOf: (keys, i) => keys.categories[i]! },
  position: { scope: 'item', clicks: true, keyOf: (keys, i) => mix(keys.surface, keys.places[i]!) },
  positionDevice: { scope: 'item', clicks: true, keyOf: (keys, i) => mix(devicePlaces(keys), keys.places[i]!) },
  itemInQuery: { scope: 'item', clicks: true, keyOf: (keys, i) => mix(keys.query, keys.items[i]!) },
  sessionItem: {
    scope: 'item',
    acts: true,
    of: 'session',
    keyOf: (keys, i) => mix(keys.session, keys.items[i]!),
  },
  personItem: {
    scope: 'item',
    acts: true,
    isPeeked: true,
    of: 'user',
    keyOf: (keys, i) => mix(keys.person, mix(keys.space.item, keys.items[i]!)),
  },
  personCategory: {
    scope: 'item',
    acts: true,
    isPeeked: true,
    of: 'user',
    keyOf: (keys, i) => (keys.categories[i] === 0 ? 0 : mix(keys.person, keys.categories[i]!)),
  },
  relation: {
    scope: 'item',
    clicks: true,
    isSituation: true,
    keyOf: (keys, i) => relationKey(keys.surface, keys.situations[i]!),
  },
  situation: {
    scope: 'item',
    clicks: true,
    isSituation: true,
    keyOf: (keys, i) => situationKey(keys.surface, keys.situations[i]!),
  },
  neighbour: {
    scope: 'item',
    clicks: true,
    isSituation: true,
    keyOf: (keys, i) => neighbourKey(keys.surface, keys.situations[i]!),
  },
} as const satisfies Readonly<Record<string, KeyKind>>;

export type KeyName = keyof typeof KEY_KINDS;

type KeysWith<Facts> = { [Key in KeyName]: (typeof KEY_KINDS)[Key] extends Facts ? Key : never }[KeyName];

/** Kinds under which showings count. */
export type ShownKey = Exclude<KeyName, KeysWith<{ readonly isPeeked: true }>>;
/** Kinds under which clicks count. */
export type ClickedKey = KeysWith<{ readonly clicks: true }>;

/** What may be counted under a kind of key: anything else would stay 0 for ever. */
export type MomentOf<Key extends KeyName> =
  | (Key extends ShownKey ? 'listed' | 'shown' : never)
  | (Key extends ClickedKey ? 'clicked' : never)
  | (Key extends KeysWith<{ readonly acts: true }> ? 'acted' | 'reached' : never);

/** Namespace of the positions on a list's surface and class of device. */
function devicePlaces({ surface, device, space }: ListKeys): Key {
  return mix(mix(surface, space.position), device === undefined ? 1 : DEVICES.indexOf(device) + 2);
}
