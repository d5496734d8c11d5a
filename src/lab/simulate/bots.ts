import type { Interaction } from '../../events/words.js';
import type { Random } from '../../ports/random.js';
import { integerBetween } from './draws.js';
import { make, referenced, type Reactions } from './reactions.js';
import type { Session, ShownPage } from './session.js';

/** Chance that a bot clicks an impression, whatever it is. */
export const BOT_CLICK_PROBABILITY = 0.95;
/** From one click of a bot to the next. */
const LEAST_GAP_MS = 150;
const MOST_GAP_MS = 600;
/** How long it stays, where it tells at all. */
const MOST_DWELL_MS = 40;

/** What a bot does with a page: it clicks nearly every item from the top down, a few a second, and stays nowhere. */
export function clickEverything(session: Session, page: ShownPage, random: Random): Reactions {
  const { list } = page;
  const interactions: Interaction[] = [];
  let clickMs = list.eventTimeMs;
  const isClicked = list.items.map((item) => {
    if (random() >= BOT_CLICK_PROBABILITY) return false;
    session.clicked.add(item.itemId);
    clickMs += integerBetween(random, LEAST_GAP_MS, MOST_GAP_MS);
    const dwellMs = integerBetween(random, 0, MOST_DWELL_MS);
    interactions.push(referenced(make(session, page, item, 'CLICK', clickMs, { dwellMs }), random));
    return true;
  });
  return { interactions, isClicked, lastClickMs: clickMs };
}
