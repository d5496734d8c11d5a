import type { CleanItem, CleanList } from '../admitted.js';
import { MOST_ATTRIBUTES, MOST_CONTEXT_FIELDS } from '../features/field-bounds.js';
import type { OpenImpressions, OpenList } from './open-impressions.js';

/** What an open impression costs without its texts. */
const BYTES_AN_IMPRESSION = 512;
/** What is in them besides texts: objects, columns and keys. */
const FIXED_BYTES = 200;

/** A list as it waits for its outcome. */
export interface Retained {
  readonly shown: CleanList;
  /** How many impressions of usual size it counts for against the cap: at least its own number. */
  readonly weight: number;
}

/**
 * What is kept of a list once its features are computed: no item texts, and of each map the fields that are counted. Its
 * weight grows with what it keeps, so that a cap in impressions is one in bytes too, whatever producers send.
 */
export function retained(list: CleanList): Retained {
  const context = firstFields(list.context, MOST_CONTEXT_FIELDS);
  let characters = list.requestId.length + list.query.length + charactersIn(context);
  const items = list.items.map((item): CleanItem => {
    const attributes = item.attributes === null ? null : firstFields(item.attributes, MOST_ATTRIBUTES);
    characters +=
      item.itemId.length +
      (item.impressionId?.length ?? 0) +
      (item.category?.length ?? 0) +
      (attributes === null ? 0 : charactersIn(attributes));
    return item.text === '' && attributes === item.attributes ? item : { ...item, text: '', attributes };
  });
  const bytes = items.length * FIXED_BYTES + 2 * characters;
  return { shown: { ...list, context, items }, weight: Math.max(items.length, Math.ceil(bytes / BYTES_AN_IMPRESSION)) };
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

type Texts = Readonly<Record<string, string>>;

function firstFields(map: Texts, most: number): Texts {
  const names = Object.keys(map);
  return names.length <= most ? map : Object.fromEntries(names.slice(0, most).map((name) => [name, map[name]!]));
}

function charactersIn(map: Texts): number {
  let characters = 0;
  for (const name in map) characters += name.length + map[name]!.length;
  return characters;
}
