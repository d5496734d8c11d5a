import type { CleanList } from '../admitted.js';
import { mix } from '../state/keys.js';
import type { Builder } from './definitions.js';
import type { Family } from './family.js';
import { lastItem } from './last-item.js';
import { packSituation } from './situation-keys.js';

/** What the session did with the item before. */
const NOTHING_YET = 0;
const LAST_ACTED = 1;
const LAST_CLICKED = 2;
const ACTED = 3;
const CLICKED = 4;
/** Not with this one, but the item acted on last stands in the same list. */
const BESIDE_LAST = 5;
const ELSEWHERE = 6;

/**
 * The situation an impression is shown in, as a few small numbers: what the session did with the item so far, where in the
 * list it stands, how often the session was shown it, and how far it is from the item acted on last. Click-through is
 * counted by situation over every impression of the stream, so a single column carries what a model trained on a hundredth
 * of the rows could not learn by itself. A click counts under the situation in which the session was last shown the item,
 * since state between showing and click has moved on; nowhere where the pair has been forgotten.
 */
export const situations = (builder: Builder): Family => {
  const { keys, event } = builder;
  const last = builder.family(lastItem);
  const pairs = builder.table('sessionItem');
  const shown = pairs.count('shown');
  const acted = pairs.count('acted');
  const clicked = pairs.count('reached');
  const noted = pairs.plain(`situation ${builder.settings.goal}`);

  function relationOf(i: number, without: number): number {
    const entry = pairs.entries[i]!;
    if (clicked.values[entry]! > 0) return last.is(i) ? LAST_CLICKED : CLICKED;
    if (acted.values[entry]! > 0) return last.is(i) ? LAST_ACTED : ACTED;
    return without;
  }

  return {
    locate: ({ items }: CleanList) => {
      const without = !last.isKnown ? NOTHING_YET : Number.isNaN(last.position) ? ELSEWHERE : BESIDE_LAST;
      for (let i = 0; i < items.length; i++) {
        const shownCount = shown.values[pairs.entries[i]!]!;
        keys.situations[i] = packSituation(relationOf(i, without), items[i]!.position, shownCount, last.position);
      }
    },
    shown: ({ items }: CleanList) => {
      for (let i = 0; i < items.length; i++) noted.values[pairs.entries[i]!] = keys.situations[i]! + 1;
    },
    clicked: () => {
      const entry = pairs.find(mix(event.session, event.items[0]!));
      event.situations[0] = entry < 0 ? -1 : noted.values[entry]! - 1;
    },
  };
};
