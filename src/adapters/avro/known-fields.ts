import type { ImpressionList, Interaction, Item } from '../../events/words.js';

const LIST_FIELDS: Record<keyof ImpressionList, true> = {
  requestId: true,
  eventTimeMs: true,
  surface: true,
  sessionId: true,
  userId: true,
  query: true,
  context: true,
  items: true,
  vectors: true,
};

const INTERACTION_FIELDS: Record<keyof Interaction, true> = {
  interactionId: true,
  eventTimeMs: true,
  type: true,
  sessionId: true,
  userId: true,
  itemId: true,
  requestId: true,
  impressionId: true,
  value: true,
  dwellMs: true,
  context: true,
};

const ITEM: Record<keyof Item, true> = {
  itemId: true,
  position: true,
  impressionId: true,
  title: true,
  category: true,
  price: true,
  currency: true,
  description: true,
  propensity: true,
  attributes: true,
  vectors: true,
  samplingRate: true,
  negativeSamplingRate: true,
};

/** Field names of an impression list; any other is unknown and goes to its context. */
export const IMPRESSION_LIST_FIELDS: ReadonlySet<string> = new Set(Object.keys(LIST_FIELDS));

/** Field names of an interaction. */
export const INTERACTION_FIELD_NAMES: ReadonlySet<string> = new Set(Object.keys(INTERACTION_FIELDS));

/** Field names of an item; any other is left where it is, unread. */
export const ITEM_FIELDS: ReadonlySet<string> = new Set(Object.keys(ITEM));
