/** What of a partition decides how a round is shared out. */
export interface Standing {
  /** Samples scored and committed. */
  readonly count: number;
  /** Samples it had scored at the last fit that was published. */
  readonly base: number;
  /** True while it may bring more. */
  readonly isOpen: boolean;
}

/**
 * How many samples each partition has scored, since its beginning, when all of them together have scored `target`. From the
 * bases on, samples stand in one order over all partitions: the next of each partition by number, then the one after it of
 * each, and so on, a partition that has no more being passed over. The quotas are the first samples of that order, so they
 * depend on nothing but how many samples each partition has. One that is open counts as having any number: as partitions
 * end, the quotas of the others only grow. They sum to the target as long as one is open.
 */
export function quotasAt(target: number, standings: readonly Standing[]): number[] {
  const rooms = standings.map(({ count, base, isOpen }) => (isOpen ? Infinity : count - base));
  const bases = standings.reduce((sum, { base }) => sum + base, 0);
  const { level, rest } = levelOf(Math.max(0, target - bases), rooms);
  let left = rest;
  return standings.map(
    ({ base }, i) => base + Math.min(rooms[i]!, rooms[i]! > level && left-- > 0 ? level + 1 : level),
  );
}

/** Samples that each partition has room for or reaches, and how many of the partitions with more room have one more. */
function levelOf(samples: number, rooms: readonly number[]): { readonly level: number; readonly rest: number } {
  let left = samples;
  for (const [i, room] of [...rooms].sort((a, b) => a - b).entries()) {
    const sharers = rooms.length - i;
    const level = Math.floor(left / sharers);
    if (level < room) return { level, rest: left - level * sharers };
    left -= room;
  }
  return { level: Infinity, rest: 0 };
}

/**
 * True when a fit at `target` has been tried: some partition has gone on beyond its quota. Exact once every partition that
 * has no more is known to have ended.
 */
export function isPassed(target: number, standings: readonly Standing[]): boolean {
  const quotas = quotasAt(target, standings);
  const total = standings.reduce((sum, { count }) => sum + count, 0);
  return total > target && standings.every(({ count }, i) => count >= quotas[i]!);
}

/**
 * The first of `from`, `from + step`, … that has not been passed. It takes a logarithm of the steps, since a target that
 * has been passed was passed after every one before it.
 */
export function firstAhead(from: number, step: number, standings: readonly Standing[]): number {
  const total = standings.reduce((sum, { count }) => sum + count, 0);
  let low = 0;
  let high = Math.max(0, Math.ceil((total - from) / step));
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isPassed(from + middle * step, standings)) low = middle + 1;
    else high = middle;
  }
  return from + low * step;
}
