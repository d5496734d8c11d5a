import type { CleanList } from '../admitted.js';
import { mix, type Key } from '../state/keys.js';
import type { FeatureState } from './feature-state.js';

/**
 * The situation an impression is shown in, as a few small numbers: what the session did with the item so far, where in the
 * list it stands, how often the session was shown it, and how far it is from the item acted on last. Click-through is
 * counted by situation over every impression of the stream, so a single column carries what a model trained on a hundredth
 * of the rows could not learn by itself.
 */

/** What the session did with the item before. */
const NOTHING_YET = 0;
const LAST_ACTED = 1;
const LAST_CLICKED = 2;
const ACTED = 3;
const CLICKED = 4;
/** Not with this one, but the item acted on last stands in the same list. */
const BESIDE_LAST = 5;
const ELSEWHERE = 6;

/** Ranks beyond which distances from the item acted on last count as one. */
const FARTHEST = 25;
const DISTANCES = 2 * FARTHEST + 1;
/** Room for the distances and, where there is none, the position bands. */
const NEIGHBOURS = 64;
const SHOWN_BANDS = 4;
const PLACE_BANDS = 16;

/** What is known of a list before its situations. */
interface Located {
  readonly surface: Key;
  readonly sessionEntry: number;
  readonly itemKeys: Float64Array;
  readonly sessionItemEntries: Int32Array;
}

/** Entries of one list's situations, beside the packed situation of each item. */
export class Situations {
  packed = new Float64Array(64);
  relationEntries = new Int32Array(64);
  situationEntries = new Int32Array(64);
  neighbourEntries = new Int32Array(64);

  /** Finds or adds the counters of every item's situation and brings them to `nowMs`; `facts` has the other entries. */
  locate(list: CleanList, facts: Located, state: FeatureState, nowMs: number): void {
    const { surface, sessionEntry: session, itemKeys, sessionItemEntries } = facts;
    const count = list.items.length;
    if (count > this.packed.length) this.grow(count);
    const { sessions, sessionItems, situations } = state;
    situations.reserve(3 * count);
    const isNew = sessions.column('steps')[session]! === 0;
    const lastItem = sessions.column('lastItem')[session]!;
    const acted = sessionItems.column('acted');
    const clicked = sessionItems.column('clicked');
    const shown = sessionItems.column('shown');
    let lastPosition = NaN;
    if (!isNew) for (let i = 0; i < count; i++) if (itemKeys[i] === lastItem) lastPosition = list.items[i]!.position;
    const without = isNew ? NOTHING_YET : Number.isNaN(lastPosition) ? ELSEWHERE : BESIDE_LAST;
    for (let i = 0; i < count; i++) {
      const entry = sessionItemEntries[i]!;
      const { position } = list.items[i]!;
      const isLast = !isNew && itemKeys[i] === lastItem;
      let relation = without;
      if (clicked[entry]! > 0) relation = isLast ? LAST_CLICKED : CLICKED;
      else if (acted[entry]! > 0) relation = isLast ? LAST_ACTED : ACTED;
      const place = placeBand(position);
      const neighbour = Number.isNaN(lastPosition)
        ? DISTANCES + place
        : FARTHEST + Math.max(-FARTHEST, Math.min(FARTHEST, position - lastPosition));
      const packed =
        ((relation * PLACE_BANDS + place) * SHOWN_BANDS + shownBand(shown[entry]!)) * NEIGHBOURS + neighbour;
      this.packed[i] = packed;
      this.relationEntries[i] = situations.touch(relationKey(surface, packed), nowMs);
      this.situationEntries[i] = situations.touch(situationKey(surface, packed), nowMs);
      this.neighbourEntries[i] = situations.touch(neighbourKey(surface, packed), nowMs);
    }
  }

  private grow(count: number): void {
    const length = 2 ** Math.ceil(Math.log2(count));
    this.packed = new Float64Array(length);
    this.relationEntries = new Int32Array(length);
    this.situationEntries = new Int32Array(length);
    this.neighbourEntries = new Int32Array(length);
  }
}

/** Counts a list's impressions under their situations, and notes each item's for the click that may follow. */
export function countSituations(
  count: number,
  at: Situations,
  sessionItemEntries: Int32Array,
  state: FeatureState,
): void {
  const noted = state.sessionItems.column('situation');
  for (let i = 0; i < count; i++) {
    state.situations.addShown(at.relationEntries[i]!, 1);
    state.situations.addShown(at.situationEntries[i]!, 1);
    state.situations.addShown(at.neighbourEntries[i]!, 1);
    noted[sessionItemEntries[i]!] = at.packed[i]! + 1;
  }
}

/**
 * Counts a click under the situation in which the session was last shown the item: state between showing and click has
 * moved on. Nothing where the pair has been forgotten.
 */
export function countSituationClick(surface: Key, pair: Key, state: FeatureState, nowMs: number): void {
  const entry = state.sessionItems.find(pair);
  const noted = entry < 0 ? 0 : state.sessionItems.column('situation')[entry]!;
  if (noted === 0) return;
  const { situations } = state;
  situations.addClick(relationKey(surface, noted - 1), nowMs);
  situations.addClick(situationKey(surface, noted - 1), nowMs);
  situations.addClick(neighbourKey(surface, noted - 1), nowMs);
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

function relationKey(surface: Key, packed: number): Key {
  return mix(surface, 3 * Math.floor(packed / (PLACE_BANDS * SHOWN_BANDS * NEIGHBOURS)));
}

function situationKey(surface: Key, packed: number): Key {
  return mix(surface, 3 * Math.floor(packed / NEIGHBOURS) + 1);
}

/** Without the position band: the distance stands for it, and is the band where there is none. */
function neighbourKey(surface: Key, packed: number): Key {
  const relation = Math.floor(packed / (PLACE_BANDS * SHOWN_BANDS * NEIGHBOURS));
  return mix(surface, 3 * (relation * SHOWN_BANDS * NEIGHBOURS + (packed % (SHOWN_BANDS * NEIGHBOURS))) + 2);
}
