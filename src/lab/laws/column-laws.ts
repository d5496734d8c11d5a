import assert from 'node:assert/strict';
import type { OwnValue, Sent } from '../../own/parts.js';
import type { Law } from './law.js';

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

/** What every column of a plugin keeps, whatever it makes of a message. */
export function columnLaws(value: OwnValue): readonly Law[] {
  const ofEach = (check: (item: Sent, list: Sent) => void) => (): void => {
    for (const [what, message] of Object.entries(MESSAGES))
      for (const [at, item] of itemsOf(structuredClone(message)).entries())
        try {
          check(item, structuredClone(message));
        } catch (thrown) {
          throw new Error(`item ${at} of ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
            cause: thrown,
          });
        }
  };
  return [
    {
      name: 'reads a full message, a bare one and one of nulls without throwing',
      check: ofEach((...of) => void value(...of)),
    },
    {
      name: 'gives a number, boolean, text, time, or list of texts or numbers, or nothing',
      check: ofEach((...of) => {
        const made = value(...of);
        assert.ok(isReadable(made), `it gives ${typeof made === 'object' ? JSON.stringify(made) : String(made)}`);
      }),
    },
    {
      name: 'is a function of the message alone: twice the same',
      check: ofEach((item, list) => {
        const first = value(structuredClone(item), structuredClone(list));
        assert.deepEqual(value(item, list), first);
      }),
    },
    {
      name: 'leaves the message as it was',
      check: ofEach((item, list) => {
        const [itemBefore, listBefore] = [structuredClone(item), structuredClone(list)];
        value(item, list);
        assert.deepEqual([item, list], [itemBefore, listBefore]);
      }),
    },
  ];
}

function isReadable(value: unknown): boolean {
  const isPlain = (one: unknown): boolean => ['number', 'boolean', 'string'].includes(typeof one);
  if (value === undefined || value === null || isPlain(value)) return true;
  if (value instanceof Float32Array) return true;
  return Array.isArray(value) && value.every(isPlain);
}

function itemsOf({ items }: Sent): readonly Sent[] {
  return items as readonly Sent[];
}
