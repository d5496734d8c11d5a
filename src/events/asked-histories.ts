import type { History } from './words.js';

/** How many items of each history samples carry; 0: none. */
interface Lengths {
  readonly acted: number;
  readonly shown: number;
}

interface AskedHistories {
  readonly session: Lengths;
  readonly user: Lengths;
}

/** The histories that samples carry under `features.history`. */
export function askedHistories({ session, user }: AskedHistories): readonly (keyof History)[] {
  const lengths: Readonly<Record<keyof History, number>> = {
    sessionActed: session.acted,
    sessionShown: session.shown,
    userActed: user.acted,
    userShown: user.shown,
  };
  return (Object.keys(lengths) as (keyof History)[]).filter((of) => lengths[of] > 0);
}

/** True when samples carry any history. */
export function hasHistory(settings: AskedHistories): boolean {
  return askedHistories(settings).length > 0;
}
