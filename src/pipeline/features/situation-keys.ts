import { mix, type Key } from '../state/keys.js';

/**
 * The situation of an impression, packed into one number: relation of session and item, band of the position, band of how
 * often the item was shown, distance from the item acted on last. What click-through is counted under are parts of it.
 */

/** Ranks beyond which distances from the item acted on last count as one. */
const FARTHEST = 25;
const DISTANCES = 2 * FARTHEST + 1;
/** Room for the distances and, where there is none, the position bands. */
const NEIGHBOURS = 64;
const SHOWN_BANDS = 4;
const PLACE_BANDS = 16;

/**
 * @param position rank from 1
 * @param lastPosition of the item acted on last; NaN where it is not in the list
 */
export function packSituation(relation: number, position: number, shownCount: number, lastPosition: number): number {
  const place = placeBand(position);
  const neighbour = Number.isNaN(lastPosition)
    ? DISTANCES + place
    : FARTHEST + Math.max(-FARTHEST, Math.min(FARTHEST, position - lastPosition));
  return ((relation * PLACE_BANDS + place) * SHOWN_BANDS + shownBand(shownCount)) * NEIGHBOURS + neighbour;
}

/** What the session did with the item. A situation of −1 has no key: 0. */
export function relationKey(surface: Key, packed: number): Key {
  return packed < 0 ? 0 : mix(surface, 3 * Math.floor(packed / (PLACE_BANDS * SHOWN_BANDS * NEIGHBOURS)));
}

/** The same, with position band and times shown. */
export function situationKey(surface: Key, packed: number): Key {
  return packed < 0 ? 0 : mix(surface, 3 * Math.floor(packed / NEIGHBOURS) + 1);
}

/** Without the position band: the distance stands for it, and is the band where there is none. */
export function neighbourKey(surface: Key, packed: number): Key {
  if (packed < 0) return 0;
  const relation = Math.floor(packed / (PLACE_BANDS * SHOWN_BANDS * NEIGHBOURS));
  return mix(surface, 3 * (relation * SHOWN_BANDS * NEIGHBOURS + (packed % (SHOWN_BANDS * NEIGHBOURS))) + 2);
}

/** Bands of positions: the first five apart, then wider ones. */
function placeBand(position: number): number {
  if (position <= 5) return Math.max(1, position);
  if (position <= 8) return 6;
  if (position <= 12) return 7;
  return position <= 18 ? 8 : 9;
}

/** Bands of how often the session was shown the item: never, once, two or three times, more. */
function shownBand(shown: number): number {
  if (shown < 2) return shown;
  return shown < 4 ? 2 : 3;
}
