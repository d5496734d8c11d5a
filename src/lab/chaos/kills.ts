import type { Clock } from '../../ports/clock.js';
import type { Random } from '../../ports/random.js';
import type { ChildEnd, RunChild } from './child.js';

/** How long the parts of an unbroken run took; ms. */
export interface Pace {
  /** From the start of the process until it had joined. */
  readonly startMs: number;
  /** From there to its first commit: restoring, loading models. */
  readonly warmUpMs: number;
  /** From there to its end. */
  readonly workMs: number;
}

/** Where a kill falls: so long after the process was started, had joined, or had made its first commit. */
export interface KillMoment {
  readonly after: 'start' | 'join' | 'commit';
  readonly delayMs: number;
}

/** Shares of the kills that fall on a process which is still starting, and on one that restores and warms up. */
const START_FRACTION = 0.15;
const WARM_UP_FRACTION = 0.15;

/**
 * Draws when the next kill falls. Those at work are spread so that all of them together leave something of the input over,
 * as a rule: a mean of one kill's share of the unbroken work each.
 * @param hasFinished the input has been worked through: only a start can still be hit
 */
export function drawKillMoment(random: Random, pace: Pace, killCount: number, hasFinished: boolean): KillMoment {
  const kind = random();
  const share = random();
  // Sooner, not even Node itself is up.
  if (kind < START_FRACTION || hasFinished) return { after: 'start', delayMs: (0.2 + 0.8 * share) * pace.startMs };
  if (kind < START_FRACTION + WARM_UP_FRACTION) return { after: 'join', delayMs: share * pace.warmUpMs };
  return { after: 'commit', delayMs: (share * 2 * pace.workMs) / (killCount + 1) };
}

/**
 * Kills a run so long after it has reached a point. Returns how it ended by itself when it was faster than the kill, else
 * undefined.
 */
export async function killAt(
  child: RunChild,
  reached: Promise<void>,
  delayMs: number,
  clock: Clock,
): Promise<ChildEnd | undefined> {
  const isOver = new AbortController();
  const ended = child.ended.finally(() => isOver.abort());
  await reached;
  const isDue = await clock.sleep(delayMs, isOver.signal);
  if (isDue) child.kill();
  const end = await ended;
  return isDue && end.status === null ? undefined : end;
}
