import type { InputOffsets } from '../../ports/transport.js';
import { isBelief, isSwitch, type Belief, type Decree, type ForcedAdvance } from './decree.js';
import type { ReorderStart } from './reorder.js';

/**
 * Adds a decree to the recorded ones. An advance takes the place of the last one when no event in between took its turn from
 * that one's floor: raised later, and higher, the watermark lets go the same events in the same order. So a silence of days,
 * or an input that brings nothing for days beside one that flows, is one advance.
 * @param isLastIdle {@link Reorder.isLastRaiseIdle} before the new one
 */
export function withDecree(
  forced: readonly Decree[],
  decree: ForcedAdvance | Belief,
  isLastIdle: boolean,
): readonly Decree[] {
  const at = forced.findLastIndex((earlier) => !isBelief(earlier));
  const last = forced[at];
  const isRaise = !isBelief(decree) && decree.floorMs !== null;
  const replacesLast = isLastIdle && isRaise && last && !isSwitch(last) && !isBelief(last) && last.floorMs !== null;
  return [...(replacesLast ? forced.toSpliced(at, 1) : forced), decree];
}

/**
 * The advances that a re-read from a restore point must repeat. A raised floor is repeated when an event read again comes
 * after it, and also when it stands right at the beginning: raised twice is raised once. Letting everything go is repeated
 * unless it happened before the state was captured, and a belief unless its input is read again from behind it.
 */
export function advancesSince(
  forced: readonly Decree[],
  { offsets, readTo }: Pick<ReorderStart, 'offsets' | 'readTo'>,
): readonly Decree[] {
  return forced.filter((decree) => {
    const { impressions, interactions } = decree;
    if (isBelief(decree)) return decree[decree.believes] >= offsets[decree.believes];
    return !isSwitch(decree) && decree.floorMs === null
      ? impressions >= readTo.impressions && interactions >= readTo.interactions
      : impressions >= offsets.impressions || interactions >= offsets.interactions;
  });
}

/**
 * The settings that hold at the beginning of a re-read: those its first messages were admitted under, and those the restored
 * state had come to when it was captured, which may be later ones.
 * @param base settings before the first of the decrees
 */
export function settingsAt(
  base: string,
  forced: readonly Decree[],
  start: Pick<ReorderStart, 'offsets' | 'readTo'>,
): { readonly admission: string; readonly state: string } {
  const switches = forced.filter(isSwitch);
  const repeated = new Set(advancesSince(switches, start));
  const before = switches.filter((one) => !repeated.has(one));
  const lived = switches.filter((one) => isBefore(one, start.readTo));
  return {
    admission: before.at(-1)?.settings ?? base,
    state: lived.at(-1)?.settings ?? before.at(-1)?.settings ?? base,
  };
}

/** True when the state read on after a switch before it was captured. */
export function isBefore(place: InputOffsets, { impressions, interactions }: InputOffsets): boolean {
  return (
    place.impressions <= impressions &&
    place.interactions <= interactions &&
    (place.impressions < impressions || place.interactions < interactions)
  );
}
