import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../src/errors.js';
import type { ImpressionList, Interaction, Item } from '../../../src/events/words.js';
import {
  cleanInteraction,
  cleanList,
  type CleanedList,
  type CleanSettings,
} from '../../../src/pipeline/clean/clean.js';
import { rememberedTexts } from '../../../src/pipeline/clean/clean-texts.js';
import { isRefusal, type Refusal } from '../../../src/pipeline/clean/verdict.js';
import { impressionLists, interactions } from '../../laws/arbitraries.js';
import { configOf, T0 } from '../kit.js';

const settingsOf = (rest: Partial<CleanSettings> = {}): CleanSettings => ({ ...configOf().clean, ...rest });
const SETTINGS = settingsOf();

const ITEM: Item = { itemId: 'a', position: 1 };
const LIST: ImpressionList = { requestId: 'r', eventTimeMs: T0, surface: 'SEARCH', sessionId: 's', items: [ITEM] };
const CLICK: Interaction = { interactionId: 'i', eventTimeMs: T0, type: 'CLICK', sessionId: 's', itemId: 'a' };

const without = <T extends object>(record: T, field: keyof T): Partial<T> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== field)) as Partial<T>;

function passed(verdict: CleanedList | Refusal): CleanedList {
  if (isRefusal(verdict)) throw new Error(verdict.reason);
  return verdict;
}
const codeOf = (verdict: object): string => (isRefusal(verdict) ? verdict.code : 'passed');
/** The code of the only item's refusal. */
const itemCode = (item: unknown, settings = SETTINGS): string => {
  const { list, refusedItems } = passed(cleanList({ ...LIST, items: [item as Item] }, T0, settings));
  return refusedItems.length === 1 && list.items.length === 0 ? refusedItems[0]!.refusal.code : 'passed';
};
const cleanedItem = (rest: Partial<Item>, settings = SETTINGS) =>
  passed(cleanList({ ...LIST, items: [{ ...ITEM, ...rest }] }, T0, settings)).list.items[0]!;

describe('required fields', () => {
  it.each(['requestId', 'eventTimeMs', 'sessionId', 'items'] as const)(
    'a list without %s is refused whole',
    (field) => {
      expect(codeOf(cleanList(without(LIST, field), T0, SETTINGS))).toBe('missing-field');
      expect(codeOf(cleanList({ ...LIST, [field]: null }, T0, SETTINGS))).toBe('missing-field');
    },
  );

  it('a list without a known surface, or with no items, is refused whole', () => {
    expect(codeOf(cleanList(without(LIST, 'surface'), T0, SETTINGS))).toBe('missing-field');
    expect(codeOf(cleanList({ ...LIST, surface: 'search' as 'SEARCH' }, T0, SETTINGS))).toBe('invalid-field');
    expect(codeOf(cleanList({ ...LIST, items: [] }, T0, SETTINGS))).toBe('missing-field');
    expect(codeOf(cleanList({ ...LIST, items: 'a' as unknown as Item[] }, T0, SETTINGS))).toBe('missing-field');
  });

  it.each(['interactionId', 'eventTimeMs', 'sessionId', 'itemId'] as const)(
    'an interaction without %s is refused',
    (field) => {
      expect(codeOf(cleanInteraction(without(CLICK, field), T0, SETTINGS))).toBe('missing-field');
      expect(codeOf(cleanInteraction({ ...CLICK, [field]: null }, T0, SETTINGS))).toBe('missing-field');
    },
  );

  it('an interaction of unknown type is refused', () => {
    expect(codeOf(cleanInteraction({ ...CLICK, type: 'BUY' as 'CLICK' }, T0, SETTINGS))).toBe('invalid-field');
  });

  it('an id of nothing but space is missing; an optional one is absent', () => {
    expect(codeOf(cleanList({ ...LIST, sessionId: ' \t' }, T0, SETTINGS))).toBe('missing-field');
    expect(itemCode({ ...ITEM, itemId: '  ' })).toBe('missing-field');
    expect(passed(cleanList({ ...LIST, userId: '  ' }, T0, SETTINGS)).list.user).toBeNull();
    expect(cleanInteraction({ ...CLICK, requestId: ' ', impressionId: '' }, T0, SETTINGS)).toMatchObject({
      requestId: null,
      impressionId: null,
    });
  });

  it.each([undefined, null, '', ' '])('a required field that is %j is missing, whatever its type', (nothing) => {
    const missing = { code: 'missing-field' };
    const list = (changed: object): unknown => cleanList({ ...LIST, ...changed }, T0, SETTINGS);
    const act = (changed: object): unknown => cleanInteraction({ ...CLICK, ...changed }, T0, SETTINGS);
    for (const field of ['requestId', 'sessionId', 'eventTimeMs', 'surface'])
      expect(list({ [field]: nothing }), field).toMatchObject(missing);
    for (const field of ['interactionId', 'sessionId', 'eventTimeMs', 'type', 'itemId'])
      expect(act({ [field]: nothing }), field).toMatchObject(missing);
    expect(itemCode({ ...ITEM, position: nothing })).toBe('missing-field');
    expect(itemCode({ ...ITEM, itemId: nothing })).toBe('missing-field');
  });

  it('an id is trimmed; a number is taken as its text; a longer one than 1,024 characters is refused', () => {
    expect(cleanedItem({ itemId: ' a1 ' }).itemId).toBe('a1');
    expect(cleanedItem({ itemId: 42 as unknown as string }).itemId).toBe('42');
    expect(itemCode({ ...ITEM, itemId: 'x'.repeat(1_025) })).toBe('text-too-long');
    expect(itemCode({ ...ITEM, itemId: ['a'] })).toBe('invalid-field');
  });
});

describe('impossible values', () => {
  it.each([-1, 1.5, NaN, Infinity, 2 ** 60, '0x1', 'first', {}])(
    'position %s refuses its item and keeps the others',
    (position) => {
      const items = [ITEM, { itemId: 'b', position } as Item, { itemId: 'c', position: 3 }];
      const { list, refusedItems } = passed(cleanList({ ...LIST, items }, T0, SETTINGS));
      expect(list.items.map(({ itemId }) => itemId)).toEqual(['a', 'c']);
      expect(refusedItems.map(({ index, refusal }) => [index, refusal.code])).toEqual([[1, 'invalid-field']]);
    },
  );

  it.each([-0.01, NaN, Infinity, -Infinity, '9,99', 'n/a', '0x10', {}, []])(
    'price %s is left out and counted, its impression stays',
    (price) => {
      const { list } = passed(cleanList({ ...LIST, items: [{ ...ITEM, price } as Item] }, T0, SETTINGS));
      expect([list.items[0]!.price, list.ignoredCount]).toEqual([null, 1]);
    },
  );

  it('a price, position, propensity, value or dwell time as text is that number', () => {
    const item = { itemId: 'a', position: '2', price: ' 12.50 ', propensity: '1e-3' } as unknown as Item;
    const { list } = passed(cleanList({ ...LIST, items: [item] }, T0, SETTINGS));
    expect(list.items[0]).toMatchObject({ position: 2, price: 12.5, propensity: 0.001 });
    expect(list).not.toHaveProperty('ignoredCount');
    const click = { ...CLICK, value: '19.90', dwellMs: '1500' } as unknown as Interaction;
    expect(cleanInteraction(click, T0, SETTINGS)).toMatchObject({ value: 19.9, dwellMs: 1_500 });
  });

  it('an empty text is an absent number', () => {
    const { list } = passed(cleanList({ ...LIST, items: [{ ...ITEM, price: '' } as unknown as Item] }, T0, SETTINGS));
    expect(list.items[0]!.price).toBeNull();
    expect(list).not.toHaveProperty('ignoredCount');
  });

  it('a number is taken as the text of a title or category; what is neither is left out and counted', () => {
    const item = { ...ITEM, category: 42, title: { de: 'Schuh' } } as unknown as Item;
    const { list } = passed(cleanList({ ...LIST, items: [item] }, T0, SETTINGS));
    expect([list.items[0]!.category, list.items[0]!.text, list.ignoredCount]).toEqual(['42', '', 1]);
  });

  it('price 0 and no price pass', () => {
    expect(cleanedItem({ price: 0 }).price).toBe(0);
    expect(cleanedItem({ price: null }).price).toBeNull();
  });

  it.each([0, 1.01, -0.5, NaN])('propensity %s is left out and counted', (propensity) => {
    const { list } = passed(cleanList({ ...LIST, items: [{ ...ITEM, propensity }] }, T0, SETTINGS));
    expect([list.items[0]!.propensity, list.ignoredCount]).toEqual([null, 1]);
  });

  it.each([NaN, Infinity, 'five'])('value %s is left out and counted, a negative one (a refund) is kept', (value) => {
    expect(cleanInteraction({ ...CLICK, value: value as number }, T0, SETTINGS)).toMatchObject({
      value: 0,
      ignoredCount: 1,
    });
    expect(cleanInteraction({ ...CLICK, value: -3 }, T0, SETTINGS)).toMatchObject({ value: -3 });
  });

  it('an item that is no record is refused alone', () => {
    for (const item of [null, 3, 'a', true]) expect(itemCode(item)).toBe('invalid-field');
  });
});

describe('times', () => {
  it('in the future beyond clean.maxFutureMs of the message, or in the year 2100, are refused', () => {
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: T0 + 60_000 }, T0, SETTINGS))).toBe('passed');
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: T0 + 60_001 }, T0, SETTINGS))).toBe('time-in-future');
    expect(codeOf(cleanInteraction({ ...CLICK, eventTimeMs: Date.UTC(2100, 0, 1) }, T0, SETTINGS))).toBe(
      'time-in-future',
    );
  });

  it.each([
    ['unset', -1],
    ['0', 0],
    ['in seconds', T0 / 1_000],
  ])('of a message whose own timestamp is %s are not judged by it, only refused from 2100 on', (_, writtenMs) => {
    expect(codeOf(cleanList(LIST, writtenMs, SETTINGS))).toBe('passed');
    expect(codeOf(cleanInteraction(CLICK, writtenMs, SETTINGS))).toBe('passed');
    const year2100 = Date.UTC(2100, 0, 1);
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: year2100 - 1 }, writtenMs, SETTINGS))).toBe('passed');
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: year2100 }, writtenMs, SETTINGS))).toBe('invalid-field');
  });

  it('before the horizon are refused', () => {
    const oldest = SETTINGS.oldestEventTimeMs;
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: oldest }, T0, SETTINGS))).toBe('passed');
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: oldest - 1 }, T0, SETTINGS))).toBe('time-before-horizon');
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: 0 }, T0, SETTINGS))).toBe('time-before-horizon');
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: -T0 }, T0, SETTINGS))).toBe('time-before-horizon');
  });

  it.each([NaN, Infinity, '11/14/2023 10:13 PM', 'now', {}, true, new Date(NaN)])('%s is no time', (eventTimeMs) => {
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: eventTimeMs as number }, T0, SETTINGS))).toBe('invalid-field');
  });

  it('as ISO 8601 text, as the text of a number and as a Date are the same time', () => {
    for (const time of [
      new Date(T0).toISOString(),
      String(T0),
      `${T0}123456`,
      `${T0}999999`,
      new Date(T0),
      new Date(T0).toISOString().replace('Z', '+00:00'),
    ]) {
      const eventTimeMs = time as unknown as number;
      expect(passed(cleanList({ ...LIST, eventTimeMs }, T0, SETTINGS)).list.eventTimeMs).toBe(T0);
    }
  });

  it('of a known unit are never guessed again: a Date and ISO text stay as they are under any clean.timeUnit', () => {
    for (const time of [new Date(T0), new Date(T0).toISOString()]) {
      const eventTimeMs = time as unknown as number;
      expect(passed(cleanList({ ...LIST, eventTimeMs }, T0, settingsOf({ timeUnit: 'us' }))).list.eventTimeMs).toBe(T0);
    }
  });

  it('in seconds, milli-, micro- and nanoseconds are told apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: SETTINGS.oldestEventTimeMs, max: T0 }), (eventTimeMs) => {
        const timeOf = (time: number): number =>
          passed(cleanList({ ...LIST, eventTimeMs: time }, T0, SETTINGS)).list.eventTimeMs;
        const second = eventTimeMs - (eventTimeMs % 1_000);
        expect(timeOf(second / 1_000)).toBe(second);
        expect(timeOf(eventTimeMs)).toBe(eventTimeMs);
        expect(timeOf(eventTimeMs * 1_000 + 7)).toBe(eventTimeMs);
        // Nanoseconds are beyond 2^53: to a fraction of a microsecond.
        expect(Math.abs(timeOf(eventTimeMs * 1_000_000) - eventTimeMs)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are taken in the declared unit, whatever their magnitude', () => {
    expect(
      passed(cleanList({ ...LIST, eventTimeMs: T0 / 1_000 }, T0, settingsOf({ timeUnit: 's' }))).list.eventTimeMs,
    ).toBe(T0);
    expect(codeOf(cleanList({ ...LIST, eventTimeMs: T0 / 1_000 }, T0, settingsOf({ timeUnit: 'ms' })))).toBe(
      'time-before-horizon',
    );
    expect(codeOf(cleanList(LIST, T0, settingsOf({ timeUnit: 's' })))).toBe('time-in-future');
  });
});

describe('oversized', () => {
  it('a list of 10,000 items is refused whole, one of clean.maxItems is not', () => {
    const items = Array.from({ length: 10_000 }, (_, i) => ({ itemId: `i${i}`, position: i + 1 }));
    expect(codeOf(cleanList({ ...LIST, items }, T0, SETTINGS))).toBe('too-many-items');
    expect(passed(cleanList({ ...LIST, items: items.slice(0, 1_000) }, T0, SETTINGS)).list.items).toHaveLength(1_000);
  });

  it.each(['title', 'description', 'category'] as const)('a %s of 1 MB refuses its item', (field) => {
    expect(itemCode({ ...ITEM, [field]: 'x'.repeat(1_000_000) })).toBe('text-too-long');
    expect(itemCode({ ...ITEM, [field]: 'x'.repeat(10_000) })).toBe('passed');
  });

  it('a query of 1 MB refuses its list, and the reason does not repeat it', () => {
    const verdict = cleanList({ ...LIST, query: 'x'.repeat(1_000_000) }, T0, SETTINGS);
    expect(codeOf(verdict)).toBe('text-too-long');
    expect((verdict as Refusal).reason.length).toBeLessThan(300);
    expect(
      (cleanList({ ...LIST, surface: 'y'.repeat(1_000_000) as 'AD' }, T0, SETTINGS) as Refusal).reason.length,
    ).toBeLessThan(300);
  });
});

describe('text', () => {
  it('is brought to NFC, trimmed, and runs of any white space become one space', () => {
    expect(cleanedItem({ title: '  Cafe\u0301\u00a0\u3000 Zürich\n\t' }).text).toBe('Café Zürich');
    expect(cleanedItem({ category: ' Ho\u0302tel  ' }).category).toBe('Hôtel');
    expect(passed(cleanList({ ...LIST, query: 'pa\u0301ris  hotel ' }, T0, SETTINGS)).list.query).toBe('páris hotel');
  });

  it('has its entities decoded and its tags dropped', () => {
    expect(cleanedItem({ title: 'Fish &amp; Chips &#233;&#x1F41F; <b>now</b>' }).text).toBe('Fish & Chips é🐟 now');
    expect(cleanedItem({ title: '1 < 2 &bogus; &#xD800; &#0;' }).text).toBe('1 < 2 &bogus; &#xD800; &#0;');
  });

  it('of title and description is one text; of neither is empty', () => {
    expect(cleanedItem({ title: 'a', description: 'b' }).text).toBe('a. b');
    expect(cleanedItem({ title: 'a' }).text).toBe('a');
    expect(cleanedItem({}).text).toBe('');
    expect(cleanedItem({ category: ' ' }).category).toBeNull();
  });

  it('remembered is the same text, however often it comes; nothing embedded, item texts are checked and left out', () => {
    const [remembered, unembedded] = [rememberedTexts(true), rememberedTexts(false)];
    fc.assert(
      fc.property(impressionLists, (list) => {
        const each = cleanList(list, T0, SETTINGS);
        for (let times = 0; times < 2; times++) expect(cleanList(list, T0, SETTINGS, remembered)).toEqual(each);
        const bare = isRefusal(each)
          ? each
          : { ...each, list: { ...each.list, items: each.list.items.map((item) => ({ ...item, text: '' })) } };
        expect(cleanList(list, T0, SETTINGS, unembedded)).toEqual(bare);
      }),
    );
    const tooLong = { ...LIST, items: [{ ...ITEM, title: 'x'.repeat(1_000_000) }] };
    expect(passed(cleanList(tooLong, T0, SETTINGS, unembedded)).refusedItems).toHaveLength(1);
  });

  it('comes out well-formed, normalised and trimmed whatever went in', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.string().map((s) => `${s}\ud800 &amp;#60;\u0301`),
    );
    fc.assert(
      fc.property(text, (title) => {
        const cleaned = cleanedItem({ title }).text;
        expect(cleaned.isWellFormed()).toBe(true);
        expect(cleaned.normalize('NFC')).toBe(cleaned);
        expect(cleaned.trim()).toBe(cleaned);
        expect(/\s\s/u.test(cleaned)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('currencies', () => {
  const settings = settingsOf({ currency: 'EUR', currencies: { USD: 0.9, JPY: 0.006 } });

  it('are converted to one by the table; its own and none stay', () => {
    expect(cleanedItem({ price: 100, currency: 'USD' }, settings).price).toBeCloseTo(90, 9);
    expect(cleanedItem({ price: 100, currency: 'EUR' }, settings).price).toBe(100);
    expect(cleanedItem({ price: 100 }, settings).price).toBe(100);
    expect(cleanedItem({ currency: 'USD' }, settings).price).toBeNull();
    expect(cleanedItem({ price: 100, currency: 'USD' }).price).toBe(100);
  });

  it.each<unknown>([
    'GBP',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    3,
    {},
    ['USD'],
    { toString: null },
  ])('%j is not in the table: its item is refused', (currency) => {
    expect(itemCode({ ...ITEM, price: 100, currency }, settings)).toBe('unknown-currency');
  });

  it('a price that becomes infinite is left out', () => {
    const settings = settingsOf({ currency: 'EUR', currencies: { X: 1e3 } });
    expect(cleanedItem({ price: 1e308, currency: 'X' }, settings).price).toBeNull();
  });
});

describe('identity', () => {
  it('a list that counts positions from 0 is refused whole, and says what to do', () => {
    const items = [0, 1, 2].map((position) => ({ itemId: `i${position}`, position }));
    const verdict = cleanList({ ...LIST, items }, T0, SETTINGS);
    expect(codeOf(verdict)).toBe('positions-from-zero');
    expect(ERRORS['positions-from-zero'].remedy).toContain('plus: 1');
  });

  it('two items at one position, or of one impression id, refuse their list', () => {
    const collide = (...items: Item[]): string => codeOf(cleanList({ ...LIST, items }, T0, SETTINGS));
    expect(collide({ itemId: 'a', position: 1 }, { itemId: 'b', position: 1 })).toBe('impressions-collide');
    expect(
      collide({ itemId: 'a', position: 1, impressionId: 'x' }, { itemId: 'b', position: 2, impressionId: 'x' }),
    ).toBe('impressions-collide');
  });

  it('two items at one position with ids of their own, and one item sent twice, pass', () => {
    const collide = (...items: Item[]): string => codeOf(cleanList({ ...LIST, items }, T0, SETTINGS));
    expect(
      collide({ itemId: 'a', position: 1, impressionId: 'x' }, { itemId: 'b', position: 1, impressionId: 'y' }),
    ).toBe('passed');
    expect(collide({ itemId: 'a', position: 1 }, { itemId: 'a', position: 1 })).toBe('passed');
    expect(collide({ itemId: 'b', position: 2 }, { itemId: 'a', position: 1 })).toBe('passed');
  });
});

describe('maps', () => {
  it('keep texts, take numbers and booleans as text, and leave the rest out', () => {
    const context = { device: 'mobile', zip: 8_000, app: true, nested: { a: 1 }, none: null } as unknown as Record<
      string,
      string
    >;
    expect(passed(cleanList({ ...LIST, context }, T0, SETTINGS)).list.context).toEqual({
      device: 'mobile',
      zip: '8000',
      app: 'true',
    });
    expect(
      passed(cleanList({ ...LIST, context: ['a'] as unknown as Record<string, string> }, T0, SETTINGS)).list.context,
    ).toEqual({});
  });
});

describe('whatever JSON holds', () => {
  /** Values with the field names of the schemas, and with names that break naive code. */
  const name = fc.constantFrom(
    'requestId',
    'sessionId',
    'eventTimeMs',
    'surface',
    'items',
    'itemId',
    'position',
    'price',
    'currency',
    'title',
    'context',
    'attributes',
    'type',
    'interactionId',
    'value',
    'userId',
    'query',
    'toString',
    'valueOf',
    'constructor',
    'length',
    'code',
    'reason',
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<unknown>(null, true, 0, 1, -1, T0, 1e308, '', 'a', 'SEARCH', 'CLICK', '\ud800'),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 5 }),
    ),
  }));
  const settings = settingsOf({ currency: 'EUR', currencies: { USD: 1 } });

  it('cleaning never throws: it passes or refuses', () => {
    const given = (base: object) =>
      fc.dictionary(name, value, { maxKeys: 6 }).map((fields) => ({ ...base, ...fields }));
    fc.assert(
      fc.property(
        fc.oneof(
          given({}),
          given(LIST),
          given(CLICK),
          given({ ...LIST, items: [{ ...ITEM, price: 1, currency: {} }] }),
        ),
        (raw) => {
          for (const verdict of [cleanList(raw, T0, settings), cleanInteraction(raw, T0, settings)]) {
            expect(typeof verdict).toBe('object');
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('an item of any shape passes or is refused, and what passes is finite and in range', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            value,
            fc.dictionary(name, value, { maxKeys: 6 }).map((fields) => ({ ...ITEM, ...fields })),
          ),
          { minLength: 1, maxLength: 5 },
        ),
        (items) => {
          const verdict = cleanList({ ...LIST, items: items as Item[] }, T0, settings);
          if (isRefusal(verdict)) {
            expect(['positions-from-zero', 'impressions-collide']).toContain(verdict.code);
            return;
          }
          const { list, refusedItems } = verdict;
          expect(list.items.length + refusedItems.length).toBe(items.length);
          for (const { position, price } of list.items) {
            expect(Number.isSafeInteger(position) && position >= 1).toBe(true);
            expect(price === null || (Number.isFinite(price) && price >= 0)).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('a field nested a hundred thousand deep is refused, not followed', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(codeOf(cleanList({ ...LIST, surface: deep as 'AD' }, T0, SETTINGS))).toBe('invalid-field');
    expect(itemCode({ ...ITEM, position: deep })).toBe('invalid-field');
    expect(cleanInteraction({ ...CLICK, value: deep as number }, T0, SETTINGS)).toMatchObject({ ignoredCount: 1 });
  });

  it('every record of the schemas passes or is refused with a code of the error table, and a reason of bounded length', () => {
    const isKnown = (verdict: object): boolean =>
      !isRefusal(verdict) ||
      (verdict.code in ERRORS && ERRORS[verdict.code].class === 'data' && verdict.reason.length < 600);
    fc.assert(fc.property(impressionLists, (list) => isKnown(cleanList(list, T0, settings))));
    fc.assert(fc.property(interactions, (interaction) => isKnown(cleanInteraction(interaction, T0, settings))));
  });
});
