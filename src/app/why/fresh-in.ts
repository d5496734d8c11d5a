import type { CleanList } from '../../pipeline/admitted.js';
import { identityOf } from '../../pipeline/join/collisions.js';
import type { Partition } from '../../pipeline/partition.js';

/** Which items of a list show impressions not seen before. */
export function freshIn({ state }: Partition, list: CleanList): readonly boolean[] {
  const { seenImpressions, features } = state;
  const requestKey = features.keyOf(list.requestId);
  const inList = new Set<number>();
  return list.items.map((item) => {
    const identity = identityOf(item, requestKey, features.keyOf);
    const isFresh = !seenImpressions.has(identity) && !inList.has(identity);
    inList.add(identity);
    return isFresh;
  });
}
