import type { CleanItem } from '../admitted.js';
import { refuse, type Refusal } from './verdict.js';

/**
 * Says which two items of a list would be one impression: the same impression id, or, without ids, the same position. The
 * same item twice at one place is no conflict but a repetition. undefined when every impression is one.
 */
export function conflictWithin(items: readonly CleanItem[]): Refusal | undefined {
  if (isAscending(items)) return undefined;
  const byIdentity = new Map<string | number, CleanItem>();
  for (const item of items) {
    const identity = item.impressionId ?? item.position;
    const other = byIdentity.get(identity);
    if (other === undefined) byIdentity.set(identity, item);
    else if (other.itemId !== item.itemId) {
      const what = item.impressionId === null ? `position ${item.position}` : 'one impressionId';
      return refuse('impressions-collide', { what });
    }
  }
  return undefined;
}

/** Almost every list: no ids given, each item behind the one before it. */
function isAscending(items: readonly CleanItem[]): boolean {
  for (let at = 0; at < items.length; at++) {
    if (items[at]!.impressionId !== null) return false;
    if (at > 0 && items[at]!.position <= items[at - 1]!.position) return false;
  }
  return true;
}
