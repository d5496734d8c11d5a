import type { CleanItem, CleanList } from '../admitted.js';
import type { ShownItem, ShownList } from '../shown.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';
import type { Join } from './join.js';

/**
 * Key of an impression's identity, by which duplicates are told: two ids of one text have one key, whether the producer
 * gave the id or it is request and position.
 */
export function identityOf(item: CleanItem, requestKey: Key, keyOf: KeyOf): Key {
  if (item.impressionId === null) return mix(requestKey, item.position);
  const parts = /^(.+)#([1-9]\d{0,14})$/.exec(item.impressionId);
  return parts ? mix(keyOf(parts[1]!), Number(parts[2])) : keyOf(item.impressionId);
}

/**
 * The identity that an item of a list shares with a remembered impression of another item or session; undefined when what
 * repeats is the same impression again. Looks at each remembered list of the request once.
 */
export function collisionOf(join: Join, list: CleanList, requestKey: Key): string | undefined {
  const unresolved = new Map<number, CleanItem>();
  for (const item of list.items) {
    if (item.impressionId === null) unresolved.set(item.position, item);
    const match = item.impressionId === null ? undefined : join.findById(item.impressionId);
    if (match && isOther(match.list.shown, match.list.shown.items[match.index]!, list, item)) return 'one impressionId';
  }
  for (const { shown } of join.listsOf('request', requestKey)) {
    if (unresolved.size === 0) break;
    for (const other of shown.items) {
      const item = other.givenKey === null ? unresolved.get(other.position) : undefined;
      if (item === undefined) continue;
      if (isOther(shown, other, list, item)) return `position ${item.position} of one requestId`;
      unresolved.delete(item.position);
    }
  }
  for (const [position, item] of unresolved) {
    const match = join.findByGivenKey(join.keyOf(`${list.requestId}#${position}`));
    if (match && isOther(match.list.shown, match.list.shown.items[match.index]!, list, item)) return 'one impressionId';
  }
  return undefined;
}

function isOther(shown: ShownList, before: ShownItem, list: CleanList, item: CleanItem): boolean {
  return before.itemId !== item.itemId || shown.session !== list.session;
}
