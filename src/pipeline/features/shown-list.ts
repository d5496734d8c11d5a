import type { CleanList } from '../admitted.js';
import type { ShownList } from '../shown.js';
import type { ListKeys } from './list-keys.js';

/**
 * What stays of a list that has been located.
 * @param keys the keys it was located with
 * @param impressionKeys key of each impression's id as sent, in order
 */
export function shownList(list: CleanList, keys: ListKeys, impressionKeys: Float64Array): ShownList {
  const { requestId, publicId, eventTimeMs, surface, session, user, items } = list;
  return {
    requestId: publicId ?? requestId,
    isHidden: publicId !== undefined || items.some((item) => item.publicId !== undefined),
    eventTimeMs,
    surface,
    session,
    user,
    queryKey: keys.query,
    device: keys.device ?? null,
    contextKeys: keys.context,
    items: items.map(({ itemId, position, impressionId, publicId, category, price, propensity, samplingRates }, i) => ({
      itemId,
      position,
      impressionId: publicId ?? impressionId,
      givenKey: impressionId === null ? null : impressionKeys[i]!,
      category,
      price,
      propensity,
      ...(samplingRates ? { samplingRates } : {}),
      attributeKeys: keys.attributes[i] ?? null,
      ...(keys.declared[i] ? { declaredKeys: keys.declared[i]! } : {}),
      ...(keys.own.length > 0 ? { ownKeys: keys.ownOf(i) } : {}),
    })),
  };
}
