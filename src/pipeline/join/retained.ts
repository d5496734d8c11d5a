import type { ShownList } from '../shown.js';

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
