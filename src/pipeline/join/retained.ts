import type { ShownList } from '../shown.js';
import type { OpenImpressions, OpenList } from './open-impressions.js';

/** What an open impression costs without its texts. */
const BYTES_AN_IMPRESSION = 512;
/** What is in them besides texts and keys: objects and columns. */
const FIXED_BYTES = 200;
const BYTES_A_KEY = 8;

/**
 * How many impressions of usual size a list counts for against the cap: at least its own number. It grows with what is kept
 * of the list, so that a cap in impressions is one in bytes too, whatever producers send.
 */
export function weightOf({ requestId, contextKeys, items }: ShownList): number {
  let characters = requestId.length;
  let keys = contextKeys?.length ?? 0;
  for (const { itemId, impressionId, category, attributeKeys, declaredKeys, ownKeys } of items) {
    characters += itemId.length + (impressionId?.length ?? 0) + (category?.length ?? 0);
    keys += (attributeKeys?.length ?? 0) + (declaredKeys?.length ?? 0) + Object.keys(ownKeys ?? {}).length;
  }
  const bytes = items.length * FIXED_BYTES + 2 * characters + BYTES_A_KEY * keys;
  return Math.max(items.length, Math.ceil(bytes / BYTES_AN_IMPRESSION));
}

/**
 * How many of the oldest open impressions must close before a list may be opened: by their number, and by their weight, of
 * which a list that is partly closed has lost its share.
 * @param totalWeight weight of all lists so far
 */
export function excessOf(
  open: OpenImpressions,
  listOf: (sequence: number) => OpenList,
  totalWeight: number,
  { count, weight, most }: { readonly count: number; readonly weight: number; readonly most: number },
): number {
  let closing = Math.min(Math.max(0, open.openCount + count - most), open.openCount);
  while (closing < open.openCount) {
    const oldest = listOf(open.openFrom + closing);
    const length = oldest.shown.items.length;
    const closedInIt = open.openFrom + closing - oldest.firstImpression;
    if (totalWeight - oldest.weightBefore - (oldest.weight * closedInIt) / length + weight <= most) break;
    closing = oldest.firstImpression + length - open.openFrom;
  }
  return closing;
}
