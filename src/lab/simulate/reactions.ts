import { impressionIdOf } from '../../events/impression-id.js';
import type { Interaction, InteractionType, Item } from '../../events/words.js';
import type { Random } from '../../ports/random.js';
import { exponential, logNormal } from './draws.js';
import type { Session, ShownPage } from './session.js';

const CART_PROBABILITY = 0.18;
const PURCHASE_PROBABILITY = 0.4;
const GLANCE_PROBABILITY = 0.01;
const DISMISS_PROBABILITY = 0.004;
/** Every click falls before the session's next page, so that an item shown again never takes an earlier click. */
const MEDIAN_CLICK_MS = 6_000;
/** How clicks name their impression: by its id, by request and item, by session and item. */
const CLICK_REFERENCES = { byImpression: 0.7, byRequest: 0.2 } as const;

/** What a page leads to. */
export interface Reactions {
  readonly interactions: readonly Interaction[];
  /** Whether each item of the page was clicked, in order. */
  readonly isClicked: readonly boolean[];
  /** When the last click came; the time of the page when there was none. */
  readonly lastClickMs: number;
}

/**
 * Draws what a person does with a page: each item is clicked with exactly its probability; carts, purchases and stays
 * follow clicks only, so an impression is labelled 1 for the goal CLICK exactly when it was clicked.
 * @param delayScale multiplies every delay: below 1 for a demo that cannot wait
 */
export function react(session: Session, page: ShownPage, delayScale: number, random: Random): Reactions {
  const { list, served, clickProbabilities } = page;
  const interactions: Interaction[] = [];
  let lastClickMs = list.eventTimeMs;
  const isClicked: boolean[] = [];
  const later = (ms: number): number => list.eventTimeMs + Math.max(1, Math.round(ms * delayScale));
  list.items.forEach((item, at) => {
    isClicked[at] = random() < clickProbabilities[at]!;
    if (!isClicked[at]) {
      const idle = idleType(list.surface, random);
      if (idle) interactions.push(make(session, page, item, idle, later(exponential(random, 4_000))));
      return;
    }
    const { item: shopItem } = served[at]!;
    session.clicked.add(item.itemId);
    shopItem.style.forEach((value, dimension) => {
      session.mood[dimension] = 0.6 * session.mood[dimension]! + 0.6 * value;
    });
    const clickMs = later(logNormal(random, MEDIAN_CLICK_MS, 0.8));
    lastClickMs = Math.max(lastClickMs, clickMs);
    const dwellMs = Math.round(logNormal(random, 15_000 * Math.exp(0.3 * shopItem.quality), 0.9) * delayScale);
    interactions.push(referenced(make(session, page, item, 'CLICK', clickMs, { dwellMs }), random));
    if (random() < CART_PROBABILITY * Math.exp(0.3 * shopItem.quality)) {
      const cartMs = clickMs + Math.max(1, Math.round(logNormal(random, 60_000, 0.7) * delayScale));
      interactions.push(make(session, page, item, 'ADD_TO_CART', cartMs));
      if (random() < PURCHASE_PROBABILITY) {
        const purchaseMs = cartMs + Math.max(1, Math.round(logNormal(random, 240_000, 0.7) * delayScale));
        interactions.push(make(session, page, item, 'PURCHASE', purchaseMs, { value: shopItem.price }));
      }
    }
  });
  return { interactions, isClicked, lastClickMs };
}

function idleType(surface: string, random: Random): InteractionType | undefined {
  const drawn = random();
  if (drawn < GLANCE_PROBABILITY) return 'VIEW';
  return surface !== 'SEARCH' && drawn < GLANCE_PROBABILITY + DISMISS_PROBABILITY ? 'DISMISS' : undefined;
}

/** An interaction with an item of a page, under the id of its impression. */
export function make(
  { sessionId, person }: Session,
  { list }: ShownPage,
  item: Item,
  type: InteractionType,
  eventTimeMs: number,
  more: { readonly value?: number; readonly dwellMs?: number } = {},
): Interaction {
  const impressionId = impressionIdOf(list.requestId, item);
  return {
    interactionId: `${impressionId}-${type.toLowerCase()}`,
    eventTimeMs,
    type,
    sessionId,
    userId: person.isKnown ? person.userId : null,
    itemId: item.itemId,
    requestId: list.requestId,
    impressionId,
    ...more,
  };
}

/** A click that names its impression, or its request, or neither. */
export function referenced(click: Interaction, random: Random): Interaction {
  const drawn = random();
  if (drawn < CLICK_REFERENCES.byImpression) return click;
  const { impressionId: _, ...byRequest } = click;
  if (drawn < CLICK_REFERENCES.byImpression + CLICK_REFERENCES.byRequest) return byRequest;
  const { requestId: __, ...bySession } = byRequest;
  return bySession;
}
