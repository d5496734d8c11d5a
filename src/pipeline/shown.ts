import type { Surface } from '../events/words.js';
import type { CleanList } from './admitted.js';
import type { DeviceClass } from './features/device.js';
import type { ListKeys } from './features/list-keys.js';
import type { Key } from './state/keys.js';

/** An item as it waits for its outcome: what goes on its sample, and keys of what its clicks count under. */
export interface ShownItem {
  readonly itemId: string;
  readonly position: number;
  readonly impressionId: string | null;
  /** Key of the impression id that the producer gave; null: it gave none. */
  readonly givenKey: Key | null;
  readonly category: string | null;
  readonly price: number | null;
  readonly propensity: number | null;
  /** Keys of the attributes that are counted; null for none. */
  readonly attributeKeys: readonly Key[] | null;
}

/**
 * A list as it waits for its outcome, once its features are computed. It holds no query, no context and no text, but keys of
 * those that a click counts under: it stands in checkpoints, and what people wrote must not.
 */
export interface ShownList {
  readonly requestId: string;
  readonly eventTimeMs: number;
  readonly surface: Surface;
  readonly session: string;
  readonly user: string | null;
  readonly queryKey: Key;
  readonly device: DeviceClass | null;
  /** Keys of the context fields that are counted; null for none. */
  readonly contextKeys: readonly Key[] | null;
  readonly items: readonly ShownItem[];
}

/**
 * What stays of a list that has been located.
 * @param keys the keys it was located with
 * @param impressionKeys key of each impression's id, in order
 */
export function shownList(list: CleanList, keys: ListKeys, impressionKeys: Float64Array): ShownList {
  const { requestId, eventTimeMs, surface, session, user, items } = list;
  return {
    requestId,
    eventTimeMs,
    surface,
    session,
    user,
    queryKey: keys.query,
    device: keys.device ?? null,
    contextKeys: keys.context,
    items: items.map(({ itemId, position, impressionId, category, price, propensity }, i) => ({
      itemId,
      position,
      impressionId,
      givenKey: impressionId === null ? null : impressionKeys[i]!,
      category,
      price,
      propensity,
      attributeKeys: keys.attributes[i] ?? null,
    })),
  };
}
