import type { ForcedAdvance, ReorderStart } from './reorder.js';

/**
 * Adds an advance to the recorded ones. It takes the place of the last one when no event in between took its turn from that
 * one's floor: raised later, and higher, the watermark lets go the same events in the same order. So a silence of days, or
 * an input that brings nothing for days beside one that flows, is one advance.
 * @param isLastIdle {@link Reorder.isLastRaiseIdle} before the new advance
 */
export function withAdvance(
  forced: readonly ForcedAdvance[],
  advance: ForcedAdvance,
  isLastIdle: boolean,
): readonly ForcedAdvance[] {
  const replacesLast = isLastIdle && advance.floorMs !== null && forced.at(-1)?.floorMs != null;
  return [...(replacesLast ? forced.slice(0, -1) : forced), advance];
}

/**
 * The advances that a re-read from a restore point must repeat. A raised floor is repeated when an event read again comes
 * after it, and also when it stands right at the beginning: raised twice is raised once. Letting everything go is repeated
 * unless it happened before the state was captured.
 */
export function advancesSince(
  forced: readonly ForcedAdvance[],
  { offsets, readTo }: Pick<ReorderStart, 'offsets' | 'readTo'>,
): readonly ForcedAdvance[] {
  return forced.filter(({ impressions, interactions, floorMs }) =>
    floorMs === null
      ? impressions >= readTo.impressions && interactions >= readTo.interactions
      : impressions >= offsets.impressions || interactions >= offsets.interactions,
  );
}
