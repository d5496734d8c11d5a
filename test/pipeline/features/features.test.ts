import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { CleanList } from '../../../src/pipeline/admitted.js';
import { AT, COLUMNS, type ColumnName } from '../../../src/pipeline/features/columns.js';
import { KEY_KINDS } from '../../../src/pipeline/features/key-kinds.js';
import { KeyedTable } from '../../../src/pipeline/features/keyed-table.js';
import { KeySpace, ListKeys } from '../../../src/pipeline/features/list-keys.js';
import { featureSetOf } from '../../../src/pipeline/features/feature-set.js';
import { deviceClass } from '../../../src/pipeline/features/device.js';
import { cleanInteraction, cleanItem, cleanList, configOf, keyOf, T0 } from '../kit.js';
import { Story } from '../story.js';
import { list, stream, tell, vectorOf } from './streams.js';

const SHORT_MS = 60_000;
const LONG_MS = 600_000;
const SMOOTHING = 5;
const FEATURES: ConfigInput['features'] = { shortHalfLifeMs: SHORT_MS, longHalfLifeMs: LONG_MS, smoothing: SMOOTHING };
const storyOf = (vectorOf?: (text: string) => Float32Array | undefined): Story =>
  new Story(
    { features: FEATURES, join: { attributionWindowMs: 300_000, lateRetentionMs: 300_000, allowedLatenessMs: 1_000 } },
    vectorOf,
  );

const rowsOf = (story: Story): Float32Array[] =>
  Array.from({ length: story.state.join.open.end }, (_, sequence) => story.row(sequence));

describe('the feature set', () => {
  it('names every column once, with unit and meaning, in row order', () => {
    const names = COLUMNS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(storyOf().state.features.width).toBe(names.length);
    names.forEach((name, index) => expect(AT[name]).toBe(index));
    for (const { name, unit, meaning } of COLUMNS) expect(`${name} ${unit} ${meaning}`).toMatch(/^\w+ \S.* \S/);
  });

  const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
  const idOf = (input: ConfigInput = {}, encoderId = 'e'): string =>
    featureSetOf(configOf(input), encoderId, digest).featureSetId;

  it('has one id for one set of settings', () => {
    expect(idOf()).toBe(idOf());
    expect(idOf()).toMatch(/^fs-[0-9a-f]{12}$/);
  });

  it.each<ConfigInput>([
    { features: { omit: ['position'] } },
    { features: { omit: [] } },
    { features: { shortHalfLifeMs: 1 } },
    { features: { longHalfLifeMs: 1 } },
    { features: { smoothing: 1 } },
    { features: { deviceField: 'x' } },
    { features: { counters: 'shared' } },
    { label: { goal: 'PURCHASE' } },
  ])('changes its id with %j', (input) => {
    expect(idOf(input)).not.toBe(idOf());
  });

  it('changes its id with the encoder, and with nothing that changes no value', () => {
    expect(idOf({}, 'other')).not.toBe(idOf());
    expect(
      idOf({
        selection: { budget: 0.5, salt: 'x' },
        batch: { maxBytes: 9 },
        topics: { prefix: 'p.' },
        features: { maxCounterEntries: 77, shareEveryMs: 5_000 },
      }),
    ).toBe(idOf());
  });
});

describe('features of an impression', () => {
  it('cannot be changed by any later event: those of a prefix equal those of the whole stream', () => {
    fc.assert(
      fc.property(stream, fc.nat(40), (events, cut) => {
        const prefix = storyOf(vectorOf);
        tell(prefix, events.slice(0, cut));
        const early = rowsOf(prefix);
        const whole = storyOf(vectorOf);
        tell(whole, events);
        expect(rowsOf(whole).slice(0, early.length)).toEqual(early);
      }),
      { numRuns: 60 },
    );
  });

  it('do not depend on its own list being counted, nor on what follows in the same list', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a', 'a', 'b']));
    for (const name of [
      'itemShown',
      'queryShown',
      'userShown',
      'sessionItemShown',
      'itemInQueryShown',
      'itemWindowShown',
      'sessionLists',
    ] as const) {
      expect(
        [0, 1, 2].map((i) => story.feature(first + i, name)),
        name,
      ).toEqual([0, 0, 0]);
    }
  });

  it('fill every declared column: what stood in the row before never shows', () => {
    fc.assert(
      fc.property(stream, list, (events, last) => {
        const told = [12_345.5, -1, NaN].map((garbage) => {
          const story = storyOf(vectorOf);
          tell(story, events);
          const nowMs = T0 + 10_000_000;
          const { features } = story.state;
          const { items, ...rest } = last;
          const given = cleanList(
            'last',
            nowMs,
            items.map(({ itemId, ...facts }, at) => cleanItem(itemId, at + 1, facts)),
            rest,
          );
          features.locate(given, nowMs, vectorOf);
          const rows = new Float32Array((given.items.length + 1) * features.width).fill(garbage);
          features.write(given, nowMs, rows);
          const width = given.items.length * features.width;
          expect([...new Set(rows.subarray(width))]).toEqual([garbage]);
          return rows.slice(0, width);
        });
        expect(told[1]).toEqual(told[0]);
        expect(told[2]).toEqual(told[0]);
      }),
      { numRuns: 60 },
    );
  });

  it('are the same whether rows are described one list or many lists at a time', () => {
    const story = storyOf();
    const long = story.show(
      cleanList(
        'long',
        T0,
        Array.from({ length: 200 }, (_, i) => `i${i}`),
      ),
    );
    const again = storyOf();
    again.show(
      cleanList(
        'long',
        T0,
        Array.from({ length: 200 }, (_, i) => `i${i}`),
      ),
    );
    expect(rowsOf(again)).toEqual(rowsOf(story));
    expect(story.feature(long + 199, 'position')).toBe(200);
  });
});

/** Counts of a key by brute force: every event with its time, decayed when asked. */
class Past {
  private readonly events: { readonly key: string; readonly atMs: number; readonly kind: 'shown' | 'clicked' }[] = [];

  note(kind: 'shown' | 'clicked', key: string, atMs: number): void {
    this.events.push({ key, atMs, kind });
  }

  count(kind: 'shown' | 'clicked', key: string, nowMs: number, halfLifeMs: number): number {
    return this.events
      .filter((event) => event.key === key && event.kind === kind)
      .reduce((sum, { atMs }) => sum + 2 ** (-(nowMs - atMs) / halfLifeMs), 0);
  }

  rate(key: string, nowMs: number, halfLifeMs: number, prior: number): number {
    return (
      (this.count('clicked', key, nowMs, halfLifeMs) + SMOOTHING * prior) /
      (this.count('shown', key, nowMs, halfLifeMs) + SMOOTHING)
    );
  }
}

const keysOf = (list: CleanList, index: number): string[] => {
  const { itemId, position, category } = list.items[index]!;
  return [
    `item ${itemId}`,
    `query ${list.query}`,
    `surface ${list.surface}`,
    `place ${list.surface} ${position}`,
    `device place ${list.surface} ${list.context.device ?? ''} ${position}`,
    `pair ${list.query} ${itemId}`,
    `person ${list.user ?? list.session}`,
    ...(category === null ? [] : [`category ${category}`]),
  ];
};

describe('decayed counters', () => {
  it('equal a brute-force sum over the past, for every kind of key and both half-lives', () => {
    fc.assert(
      fc.property(stream, (events) => {
        const story = storyOf();
        const past = new Past();
        const shown: { readonly list: CleanList; readonly index: number; isClicked: boolean }[] = [];
        for (const event of events) {
          tell(story, [event]);
          if ('interaction' in event) {
            const { interaction } = event;
            const match = shown.filter(
              ({ list, index }) =>
                list.session === interaction.session &&
                list.items[index]!.itemId === interaction.itemId &&
                interaction.eventTimeMs - list.eventTimeMs <= 600_000,
            );
            // The newest list's first item of that id.
            const newest = match.filter(({ list }) => list === match.at(-1)!.list)[0];
            if (newest && interaction.type !== 'VIEW' && !newest.isClicked) {
              newest.isClicked = true;
              for (const key of keysOf(newest.list, newest.index)) past.note('clicked', key, interaction.eventTimeMs);
            }
            continue;
          }
          const { list } = event;
          const nowMs = list.eventTimeMs;
          const surfaceShort = past.rate(`surface ${list.surface}`, nowMs, SHORT_MS, 0.03);
          const prior = past.rate(`surface ${list.surface}`, nowMs, LONG_MS, 0.03);
          const first = story.state.join.open.end - list.items.length;
          list.items.forEach(({ itemId, position, category }, i) => {
            const itemRate = past.rate(`item ${itemId}`, nowMs, LONG_MS, prior);
            const expected: Partial<Record<ColumnName, number>> = {
              surfaceRateShort: surfaceShort,
              surfaceRateLong: prior,
              positionRateShort: past.rate(`place ${list.surface} ${position}`, nowMs, SHORT_MS, prior),
              positionRateLong: past.rate(`place ${list.surface} ${position}`, nowMs, LONG_MS, prior),
              positionDeviceRate: past.rate(
                `device place ${list.surface} ${list.context.device ?? ''} ${position}`,
                nowMs,
                LONG_MS,
                past.rate(`place ${list.surface} ${position}`, nowMs, LONG_MS, prior),
              ),
              itemRateShort: past.rate(`item ${itemId}`, nowMs, SHORT_MS, prior),
              itemRateLong: itemRate,
              itemShown: past.count('shown', `item ${itemId}`, nowMs, LONG_MS),
              itemClicked: past.count('clicked', `item ${itemId}`, nowMs, LONG_MS),
              queryRateLong: past.rate(`query ${list.query}`, nowMs, LONG_MS, prior),
              queryRateShort: past.rate(`query ${list.query}`, nowMs, SHORT_MS, prior),
              itemInQueryRateLong: past.rate(`pair ${list.query} ${itemId}`, nowMs, LONG_MS, itemRate),
              itemInQueryShown: past.count('shown', `pair ${list.query} ${itemId}`, nowMs, LONG_MS),
              userRateLong: past.rate(`person ${list.user ?? list.session}`, nowMs, LONG_MS, prior),
              categoryRateLong: category === null ? NaN : past.rate(`category ${category}`, nowMs, LONG_MS, prior),
              categoryRateShort: category === null ? NaN : past.rate(`category ${category}`, nowMs, SHORT_MS, prior),
            };
            for (const [name, value] of Object.entries(expected)) {
              const found = story.feature(first + i, name as ColumnName);
              if (Number.isNaN(value)) expect(found, name).toBeNaN();
              else
                expect(Math.abs(found - value), `${name}: ${found}, expected ${value}`).toBeLessThanOrEqual(
                  1e-5 * Math.max(1, Math.abs(value)),
                );
            }
          });
          list.items.forEach((_, index) => {
            shown.push({ list, index, isClicked: false });
            for (const key of keysOf(list, index)) past.note('shown', key, nowMs);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it("an event older than the newest of its key counts in full, at the key's time", () => {
    const settings = { features: configOf({ features: FEATURES }).features, goal: 'CLICK', encoder: 'e' } as const;
    const keys = new ListKeys(new KeySpace(keyOf), 'device');
    const table = new KeyedTable('item', KEY_KINDS.item, keys, keys, settings);
    const shown = table.count('shown', SHORT_MS);
    table.open(10);
    table.reserve(1);
    const entry = table.touch(7, T0 + SHORT_MS);
    shown.values[entry]! += 1;
    table.touch(7, T0);
    shown.values[entry]! += 1;
    expect(shown.values[entry]).toBe(2);
    table.touch(7, T0 + 2 * SHORT_MS);
    expect(shown.values[entry]).toBeCloseTo(1, 12);
  });
});

describe('place and time columns', () => {
  it('are those of the list', () => {
    const story = storyOf();
    // Thursday 1970-01-01 and its weekday index 3 of Monday's weeks; T0 is a Tuesday, 22:13:20 UTC.
    const first = story.show(
      cleanList('r', T0, [cleanItem('a', 1), cleanItem('b', 3)], { surface: 'AD', context: { device: 'iPad' } }),
    );
    const of = (name: ColumnName): number[] => [story.feature(first, name), story.feature(first + 1, name)];
    expect(of('position')).toEqual([1, 3]);
    expect(of('positionDecay')).toEqual([1, 0.5]);
    expect(of('listLength')).toEqual([2, 2]);
    expect([of('surfaceSearch'), of('surfaceAd'), of('surfaceRecommendation')]).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    expect([of('deviceMobile'), of('deviceTablet'), of('deviceDesktop')]).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    const hour = ((22 + 13 / 60 + 20 / 3_600) / 24) * 2 * Math.PI;
    expect(story.feature(first, 'hourSin')).toBeCloseTo(Math.sin(hour), 6);
    expect(story.feature(first, 'hourCos')).toBeCloseTo(Math.cos(hour), 6);
    expect(new Date(T0).getUTCDay()).toBe(2);
    expect(story.feature(first, 'weekdaySin')).toBeCloseTo(Math.sin((1 / 7) * 2 * Math.PI), 6);
    expect(story.feature(first, 'weekdayCos')).toBeCloseTo(Math.cos((1 / 7) * 2 * Math.PI), 6);
  });

  it.each([
    ['Android', 'mobile'],
    ['PHONE', 'mobile'],
    ['tablet', 'tablet'],
    ['Web', 'desktop'],
    ['fridge', undefined],
    [undefined, undefined],
  ])('device %s is %s', (device, expected) => {
    expect(deviceClass(device)).toBe(expected);
  });
});

describe('price columns', () => {
  const priced = (...prices: (number | null)[]): CleanList =>
    cleanList(
      `r${prices.join()}`,
      T0,
      prices.map((price, i) => cleanItem(`i${i}`, i + 1, { price })),
    );
  const columnOf = (story: Story, first: number, count: number, name: ColumnName): number[] =>
    Array.from({ length: count }, (_, i) => story.feature(first + i, name));

  it('set each price against median and cheapest of the list; ties share the lower rank', () => {
    const story = storyOf();
    const first = story.show(priced(30, 10, 10, 50, null));
    expect(columnOf(story, first, 5, 'price')).toEqual([30, 10, 10, 50, NaN]);
    expect(columnOf(story, first, 5, 'priceRank')).toEqual([2 / 3, 0, 0, 1, NaN].map(Math.fround));
    expect(columnOf(story, first, 5, 'priceToMedian')).toEqual([1.5, 0.5, 0.5, 2.5, NaN]);
    expect(columnOf(story, first, 5, 'priceToCheapest')).toEqual([3, 1, 1, 5, NaN]);
  });

  it('are missing without prices, without another price to rank by, and against a price of 0', () => {
    const story = storyOf();
    const none = story.show(priced(null, null));
    for (const name of [
      'price',
      'priceRank',
      'priceToMedian',
      'priceToCheapest',
      'priceToItemAverage',
      'priceToSessionAverage',
    ] as const)
      expect(columnOf(story, none, 2, name)).toEqual([NaN, NaN]);
    const one = story.show(priced(10, null));
    expect(columnOf(story, one, 2, 'priceRank')).toEqual([NaN, NaN]);
    const free = story.show(priced(0, 0, 8));
    expect(columnOf(story, free, 3, 'priceToCheapest')).toEqual([NaN, NaN, NaN]);
  });

  it('set it against the moving average of the item and the mean of what the session acted on', () => {
    const story = storyOf();
    const at = (price: number, request: string, ms: number): number =>
      story.show(cleanList(request, T0 + ms, [cleanItem('a', 1, { price })]));
    expect(story.feature(at(10, 'r1', 0), 'priceToItemAverage')).toBeNaN();
    expect(story.feature(at(20, 'r2', 1), 'priceToItemAverage')).toBe(2);
    // 10 + .1·(20 − 10) = 11.
    expect(story.feature(at(22, 'r3', 2), 'priceToItemAverage')).toBe(2);
    story.act(
      cleanInteraction('CLICK', T0 + 3, 'a', { requestId: 'r1' }),
      cleanInteraction('VIEW', T0 + 4, 'a', { requestId: 'r2' }),
    );
    expect(story.feature(at(30, 'r4', 5), 'priceToSessionAverage')).toBe(2);
  });
});

describe('session columns', () => {
  it('tell what the session did so far, with this item, last, and above it', () => {
    const story = storyOf();
    const before = story.show(cleanList('r1', T0, ['a', 'b', 'c']));
    for (const name of [
      'sessionSteps',
      'sessionLists',
      'sessionClicks',
      'sessionAgeSeconds',
      'sessionItemActed',
      'isLastItem',
      'actedAbove',
    ] as const)
      expect(story.feature(before, name), name).toBe(0);
    for (const name of [
      'sessionIdleSeconds',
      'sessionItemIdleSeconds',
      'sessionActedShare',
      'lastItemOffset',
      'lastClickOffset',
    ] as const)
      expect(story.feature(before, name), name).toBeNaN();
    story.act(
      cleanInteraction('VIEW', T0 + 1_000, 'a'),
      cleanInteraction('CLICK', T0 + 2_000, 'b'),
      cleanInteraction('VIEW', T0 + 3_000, 'b'),
    );
    const first = story.show(cleanList('r2', T0 + 5_000, ['b', 'a', 'd']));
    const of = (name: ColumnName): number[] => [0, 1, 2].map((i) => story.feature(first + i, name));
    expect(of('sessionSteps')).toEqual([3, 3, 3]);
    expect(of('sessionLists')).toEqual([1, 1, 1]);
    expect(of('sessionClicks')).toEqual([1, 1, 1]);
    expect(of('sessionAgeSeconds')).toEqual([5, 5, 5]);
    expect(of('sessionIdleSeconds')).toEqual([2, 2, 2]);
    expect(of('sessionItemActed')).toEqual([2, 1, 0]);
    expect(of('sessionItemShown')).toEqual([1, 1, 0]);
    expect(of('sessionItemClicked')).toEqual([1, 0, 0]);
    expect(of('sessionItemIdleSeconds')).toEqual([2, 4, NaN]);
    expect(of('sessionActedShare')).toEqual([2 / 3, 1 / 3, 0].map(Math.fround));
    expect(of('isLastItem')).toEqual([1, 0, 0]);
    expect(of('lastItemOffset')).toEqual([0, 1, 2]);
    expect(of('lastClickOffset')).toEqual([-1, 0, 1]);
    expect(of('actedAbove')).toEqual([0, 1, 2]);
  });

  it('know nothing of another session', () => {
    const story = storyOf();
    story.show(cleanList('r1', T0, ['a'], { session: 's2' }));
    story.act(cleanInteraction('CLICK', T0 + 1, 'a', { session: 's2' }));
    const first = story.show(cleanList('r2', T0 + 2, ['a']));
    for (const name of ['sessionSteps', 'sessionLists', 'sessionItemActed', 'sessionItemShown', 'isLastItem'] as const)
      expect(story.feature(first, name), name).toBe(0);
    expect(story.feature(first, 'itemActed')).toBeCloseTo(1, 5);
  });
});

describe('counts of people, items and attributes', () => {
  it('a click counts once however often the impression is clicked; every interaction counts as acted on', () => {
    const story = storyOf();
    story.show(cleanList('r1', T0, ['a']));
    for (const type of ['VIEW', 'CLICK', 'CLICK', 'PURCHASE'] as const)
      story.act(cleanInteraction(type, T0, 'a', { requestId: 'r1' }));
    const first = story.show(cleanList('r2', T0, ['a', 'b']));
    expect(story.feature(first, 'itemClicked')).toBe(1);
    expect(story.feature(first, 'itemActed')).toBe(4);
    expect(story.feature(first, 'itemActedToList')).toBeCloseTo(5 / 3, 5);
    expect(story.feature(first, 'itemRateToList')).toBeGreaterThan(1);
    expect(story.feature(first + 1, 'itemRateToList')).toBeLessThan(1);
  });

  it('a late click counts in the features, though not in the label', () => {
    const story = storyOf();
    story.show(cleanList('r1', T0, ['a']));
    story.act(cleanInteraction('CLICK', T0 + 300_001, 'a', { requestId: 'r1' }));
    expect(story.counts.interactionsLate).toBe(1);
    expect(story.feature(story.show(cleanList('r2', T0 + 300_001, ['a'])), 'itemClicked')).toBe(1);
  });

  it('tastes follow the user across sessions', () => {
    const story = storyOf();
    story.show(
      cleanList('r1', T0, [cleanItem('a', 1, { category: 'x' }), cleanItem('b', 2, { category: 'y' })], { user: 'u' }),
    );
    story.act(
      cleanInteraction('CLICK', T0, 'a', { user: 'u' }),
      cleanInteraction('VIEW', T0, 'b', { user: 'u' }),
      cleanInteraction('VIEW', T0, 'a', { user: 'u' }),
    );
    const first = story.show(
      cleanList(
        'r2',
        T0,
        [cleanItem('c', 1, { category: 'x' }), cleanItem('d', 2, { category: 'z' }), cleanItem('e', 3)],
        { user: 'u', session: 'another' },
      ),
    );
    expect([0, 1, 2].map((i) => story.feature(first + i, 'userCategoryInterest'))).toEqual([2, 0, NaN]);
    expect([0, 1, 2].map((i) => story.feature(first + i, 'userCategoryShare'))).toEqual([Math.fround(2 / 3), 0, NaN]);
  });

  it('context and attribute rates are mean, highest and lowest over the values; missing without any', () => {
    const story = storyOf();
    story.show(
      cleanList('r1', T0, [cleanItem('a', 1, { attributes: { pool: 'yes' } })], { context: { city: 'x', day: 'mon' } }),
    );
    story.act(cleanInteraction('CLICK', T0, 'a'));
    story.show(cleanList('r2', T0, ['b', 'c'], { context: { city: 'y' } }));
    // Surface: 1 click of 3 shown. Then x: 1 of 1, y: 0 of 2, both towards it with 5 pseudo-impressions.
    const prior = (1 + SMOOTHING * 0.03) / (3 + SMOOTHING);
    const [x, y] = [(1 + SMOOTHING * prior) / (1 + SMOOTHING), (SMOOTHING * prior) / (2 + SMOOTHING)];
    const first = story.show(
      cleanList('r3', T0, [cleanItem('d', 1, { attributes: { pool: 'yes', sauna: 'no' } }), cleanItem('e', 2)], {
        context: { city: 'y', day: 'mon' },
      }),
    );
    expect(story.feature(first, 'contextRateMean')).toBeCloseTo((x + y) / 2, 6);
    expect(story.feature(first, 'contextRateMax')).toBeCloseTo(x, 6);
    expect(story.feature(first, 'contextRateMin')).toBeCloseTo(y, 6);
    expect(story.feature(first, 'attributeRateMax')).toBeCloseTo(x, 6);
    expect(story.feature(first, 'attributeRateMean')).toBeCloseTo((x + prior) / 2, 6);
    expect(story.feature(first + 1, 'attributeRateMean')).toBeNaN();
    expect(story.feature(story.show(cleanList('r4', T0, ['d'])), 'contextRateMean')).toBeNaN();
  });

  it('average position and age follow the item', () => {
    const story = storyOf();
    const first = story.show(cleanList('r1', T0, [cleanItem('a', 4)]));
    expect([
      story.feature(first, 'itemAveragePosition'),
      story.feature(first, 'itemPositionGain'),
      story.feature(first, 'itemAgeHours'),
    ]).toEqual([NaN, NaN, 0]);
    story.show(cleanList('r2', T0 + 1_000, [cleanItem('a', 14)]));
    const third = story.show(cleanList('r3', T0 + 7_200_000, [cleanItem('a', 2)]));
    expect(story.feature(third, 'itemAveragePosition')).toBe(5);
    expect(story.feature(third, 'itemPositionGain')).toBe(3);
    expect(story.feature(third, 'itemAgeHours')).toBe(2);
  });
});

describe('text columns', () => {
  const close = (story: Story, sequence: number, name: ColumnName, expected: number): void =>
    expect(story.feature(sequence, name), name).toBeCloseTo(expected, 5);
  const dot = (a: string, b: string): number => vectorOf(a).reduce((sum, value, i) => sum + value * vectorOf(b)[i]!, 0);

  it('are the cosine with the query and, against the list, less its mean', () => {
    const story = storyOf(vectorOf);
    const first = story.show(
      cleanList('r', T0, [cleanItem('a', 1, { text: 'red' }), cleanItem('b', 2, { text: 'blue' }), cleanItem('c', 3)], {
        query: 'q',
      }),
    );
    close(story, first, 'similarityQuery', dot('q', 'red'));
    close(story, first + 1, 'similarityQuery', dot('q', 'blue'));
    close(story, first, 'similarityQueryToList', (dot('q', 'red') - dot('q', 'blue')) / 2);
    for (const name of [
      'similarityQuery',
      'similarityQueryToList',
      'similarityInterest',
      'similarityInterestToList',
    ] as const)
      expect(story.feature(first + 2, name)).toBeNaN();
    expect(story.feature(first, 'similarityInterest')).toBeNaN();
  });

  it('follow what the session acted on: the first item whole, each further one by .4', () => {
    const story = storyOf(vectorOf);
    story.show(cleanList('r1', T0, [cleanItem('a', 1, { text: 'red' }), cleanItem('b', 2, { text: 'blue' })]));
    story.act(cleanInteraction('VIEW', T0 + 1, 'a'));
    const second = story.show(
      cleanList('r2', T0 + 2, [cleanItem('a', 1, { text: 'red' }), cleanItem('c', 2, { text: 'green' })]),
    );
    close(story, second, 'similarityInterest', 1);
    close(story, second + 1, 'similarityInterest', dot('red', 'green'));
    close(story, second, 'similarityInterestToList', (1 - dot('red', 'green')) / 2);
    story.act(cleanInteraction('VIEW', T0 + 3, 'b'));
    const mixed = vectorOf('red').map((value, i) => 0.6 * value + 0.4 * vectorOf('blue')[i]!);
    const third = story.show(cleanList('r3', T0 + 4, [cleanItem('c', 1, { text: 'green' })]));
    const cosine = mixed.reduce((sum, value, i) => sum + value * vectorOf('green')[i]!, 0) / Math.hypot(...mixed);
    close(story, third, 'similarityInterest', cosine);
  });

  it('are missing when nothing is embedded', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, [cleanItem('a', 1, { text: 'red' })], { query: 'q' }));
    expect(story.feature(first, 'similarityQuery')).toBeNaN();
  });
});
