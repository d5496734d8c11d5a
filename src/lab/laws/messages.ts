import type { Sent } from '../../own/parts.js';

const BARE: Sent = {
  requestId: 'r1',
  eventTimeMs: 1_772_355_600_000,
  surface: 'SEARCH',
  sessionId: 's1',
  items: [
    { itemId: 'a', position: 1 },
    { itemId: 'b', position: 2 },
  ],
};

const FULL: Sent = {
  ...BARE,
  userId: 'u1',
  query: 'red shoes',
  context: { device: 'mobile', country: 'NL', userAge: '33' },
  items: [
    {
      itemId: 'a',
      position: 1,
      title: 'Red running shoes',
      category: 'shoes',
      price: 79.9,
      currency: 'EUR',
      description: 'Light, for the road.',
      propensity: 0.2,
      attributes: { brand: 'acme', review: '4.5', colour: 'red' },
      vectors: [{ name: 'image', values: [0.1, -0.2, 0.3] }],
    },
    { itemId: 'b', position: 2, title: 'Blue boots', category: 'boots', price: 120, attributes: { brand: 'other' } },
  ],
};

/** The same with no value anywhere that need not be one. */
const EMPTY: Sent = {
  ...BARE,
  userId: null,
  query: null,
  context: null,
  items: itemsOf(BARE).map((item) => ({
    ...item,
    ...Object.fromEntries(
      ['title', 'category', 'price', 'currency', 'attributes', 'vectors'].map((name) => [name, null]),
    ),
  })),
};

const MESSAGES = { 'a full message': FULL, 'a bare message': BARE, 'a message of nulls': EMPTY };

/** Asks about each item of each message, copies of its own; what is thrown then says of which. */
export function eachItem(check: (item: Sent, list: Sent) => void): void {
  for (const [what, message] of Object.entries(MESSAGES))
    for (const [at, item] of itemsOf(structuredClone(message)).entries())
      try {
        check(item, structuredClone(message));
      } catch (thrown) {
        throw new Error(`item ${at} of ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
          cause: thrown,
        });
      }
}

function itemsOf({ items }: Sent): readonly Sent[] {
  return items as readonly Sent[];
}
