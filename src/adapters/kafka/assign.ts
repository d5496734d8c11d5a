/** A member of the group and the partition numbers it holds now. */
export interface Member {
  readonly memberId: string;
  readonly held: readonly number[];
}

/**
 * Shares out partition numbers: every number to exactly one member, counts within one of each other, and as many as
 * possible stay where they are. Depends on its arguments alone, not on the order of members. A number that two members
 * claim (one of them slept through a rebalance) stays with the first by id; numbers that do not exist are ignored.
 */
export function assignPartitions(members: readonly Member[], partitionCount: number): ReadonlyMap<string, number[]> {
  const claimed = new Set<number>();
  const holdings = [...members].sort(byId).map(({ memberId, held }) => {
    const own = [...new Set(held)]
      .filter((each) => isPartition(each, partitionCount) && !claimed.has(each))
      .sort(ascending);
    for (const each of own) claimed.add(each);
    return { memberId, own };
  });
  if (holdings.length === 0) return new Map();
  const least = Math.floor(partitionCount / holdings.length);
  let largerShares = partitionCount % holdings.length;
  // Those who hold most get the larger shares, so that least moves.
  holdings.sort((a, b) => b.own.length - a.own.length || byId(a, b));
  const shares = holdings.map(({ memberId, own }) => {
    const quota = least + (largerShares-- > 0 ? 1 : 0);
    return { memberId, quota, own: own.slice(0, quota) };
  });
  const kept = new Set(shares.flatMap(({ own }) => own));
  const free = Array.from({ length: partitionCount }, (_, each) => each).filter((each) => !kept.has(each));
  for (const share of shares) share.own.push(...free.splice(0, share.quota - share.own.length));
  return new Map(shares.map(({ memberId, own }) => [memberId, own.sort(ascending)]));
}

const ascending = (a: number, b: number): number => a - b;
const byId = (a: { memberId: string }, b: { memberId: string }): number =>
  a.memberId < b.memberId ? -1 : a.memberId > b.memberId ? 1 : 0;
const isPartition = (each: number, count: number): boolean => Number.isInteger(each) && each >= 0 && each < count;
