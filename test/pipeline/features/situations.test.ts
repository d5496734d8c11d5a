import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { ColumnName } from '../../../src/pipeline/features/columns.js';
import { float64Of } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanList, T0 } from '../kit.js';
import { Story } from '../story.js';

const SMOOTHING = 2;
const PRIOR = 0.03;
const YEAR_MS = 31_536_000_000;
/** Hardly any decay, so that counts can be done by hand. */
const INPUT: ConfigInput = {
  features: { smoothing: SMOOTHING, shortHalfLifeMs: YEAR_MS, longHalfLifeMs: 2 * YEAR_MS },
  join: { attributionWindowMs: 300_000, lateRetentionMs: 300_000 },
};
const smoothed = (clicked: number, shown: number, prior: number): number =>
  (clicked + SMOOTHING * prior) / (shown + SMOOTHING);
const columnOf = (story: Story, first: number, count: number, name: ColumnName): number[] =>
  Array.from({ length: count }, (_, i) => story.feature(first + i, name));

describe('click-through by situation', () => {
  it('begins at the prior, and is the smoothed share of clicks among impressions in the same situation', () => {
    const story = new Story(INPUT);
    const first = story.show(cleanList('r1', T0, ['a', 'b']));
    expect(story.feature(first, 'situationRate')).toBeCloseTo(PRIOR, 6);
    expect(story.feature(first, 'neighbourRate')).toBeCloseTo(PRIOR, 6);
    story.act(cleanInteraction('CLICK', T0 + 1_000, 'a'));
    const second = story.show(cleanList('r2', T0 + 2_000, ['x', 'y'], { session: 's2' }));
    const surface = smoothed(1, 2, PRIOR);
    const relation = smoothed(1, 2, surface);
    const situations = [smoothed(1, 1, relation), smoothed(0, 1, relation)];
    columnOf(story, second, 2, 'situationRate').forEach((rate, i) => expect(rate).toBeCloseTo(situations[i]!, 6));
    columnOf(story, second, 2, 'neighbourRate').forEach((rate, i) =>
      expect(rate).toBeCloseTo(smoothed(1 - i, 1, situations[i]!), 6),
    );
  });

  it('tells apart what the session did: the item acted on last, its neighbours, and items of other sessions', () => {
    const story = new Story(INPUT);
    // Eight sessions look at an item, see a list, and click the very item again.
    for (let i = 0; i < 8; i++) {
      const session = `s${i}`;
      story.act(cleanInteraction('VIEW', T0 + i * 10_000, 'b', { session }));
      story.show(cleanList(`r${i}`, T0 + i * 10_000 + 1, ['a', 'b', 'c'], { session }));
      story.act(cleanInteraction('CLICK', T0 + i * 10_000 + 2, 'b', { session }));
    }
    story.act(cleanInteraction('VIEW', T0 + 90_000, 'b', { session: 'new' }));
    const known = columnOf(
      story,
      story.show(cleanList('k', T0 + 90_001, ['a', 'b', 'c'], { session: 'new' })),
      3,
      'neighbourRate',
    );
    const unknown = columnOf(
      story,
      story.show(cleanList('u', T0 + 90_002, ['a', 'b', 'c'], { session: 'other' })),
      3,
      'neighbourRate',
    );
    expect(known[1]).toBeGreaterThan(0.7);
    expect(Math.max(known[0]!, known[2]!)).toBeLessThan(0.2);
    expect(Math.max(...unknown)).toBeLessThan(known[1]! / 2);
  });

  it('counts a click under the situation in which the item was shown, whatever happened between', () => {
    const story = new Story(INPUT);
    story.show(cleanList('r1', T0, ['a', 'b']));
    // By the time of the click the item is the one acted on last; it was not when it was shown.
    story.act(cleanInteraction('VIEW', T0 + 1_000, 'a'));
    story.act(cleanInteraction('CLICK', T0 + 2_000, 'a'));
    for (const name of ['relation', 'situation', 'neighbour']) {
      const captured = story.state.features.tables()[name]!.capture();
      const shown = float64Of(captured, `shown~${2 * YEAR_MS}`);
      const clicked = float64Of(captured, `clicked CLICK~${2 * YEAR_MS}`);
      clicked.forEach((count, entry) => expect(count).toBeLessThanOrEqual(shown[entry]! + 1e-6));
      expect(clicked.reduce((sum, count) => sum + count, 0)).toBeCloseTo(1, 4);
    }
  });

  it('stays bounded: situations are some hundreds a surface, whatever is shown', () => {
    const story = new Story(INPUT);
    for (let i = 0; i < 60; i++) {
      story.act(
        cleanInteraction(i % 3 === 0 ? 'CLICK' : 'VIEW', T0 + i * 1_000, `i${(i * 7) % 90}`, { session: `s${i % 4}` }),
      );
      story.show(
        cleanList(
          `r${i}`,
          T0 + i * 1_000 + 1,
          Array.from({ length: 90 }, (_, at) => `i${at}`),
          { session: `s${i % 4}` },
        ),
      );
    }
    const sizeOf = (name: string): number => float64Of(story.state.features.tables()[name]!.capture(), 'keys').length;
    expect(sizeOf('relation')).toBeLessThanOrEqual(7);
    expect(sizeOf('situation')).toBeLessThanOrEqual(7 * 9 * 4);
    expect(sizeOf('neighbour')).toBeLessThanOrEqual(7 * 60 * 4);
  });
});

describe('columns on what was done before', () => {
  it('remember what a person did with an item in another session', () => {
    const story = new Story(INPUT);
    story.act(cleanInteraction('VIEW', T0, 'b', { session: 'monday', user: 'u' }));
    const first = story.show(cleanList('r', T0 + 60_000, ['a', 'b'], { session: 'tuesday', user: 'u' }));
    expect(story.feature(first, 'userItemActed')).toBe(0);
    expect(story.feature(first + 1, 'userItemActed')).toBeCloseTo(1, 4);
    expect(story.feature(first + 1, 'sessionItemActed')).toBe(0);
  });

  it('measure how long ago the item was shown, and how long before its last interaction the session acted on it', () => {
    const story = new Story(INPUT);
    const first = story.show(cleanList('r1', T0, ['a', 'b', 'c']));
    expect(columnOf(story, first, 3, 'sessionItemShownAgo')).toEqual([NaN, NaN, NaN]);
    story.act(cleanInteraction('VIEW', T0 + 10_000, 'a'));
    story.act(cleanInteraction('VIEW', T0 + 40_000, 'b'));
    const second = story.show(cleanList('r2', T0 + 60_000, ['a', 'b', 'd']));
    expect(columnOf(story, second, 3, 'sessionItemShownAgo')).toEqual([60, 60, NaN]);
    expect(columnOf(story, second, 3, 'sessionItemIdleGap')).toEqual([30, 0, NaN]);
  });

  it('rank items by interactions, ties on the lower rank', () => {
    const story = new Story(INPUT);
    for (const [item, count] of [
      ['b', 1],
      ['c', 3],
    ] as const)
      for (let i = 0; i < count; i++) story.act(cleanInteraction('VIEW', T0 + i, item, { session: 'x' }));
    expect(columnOf(story, story.show(cleanList('r', T0 + 10, ['a', 'b', 'c', 'd', 'e'])), 5, 'itemActedRank')).toEqual(
      [0, 0.75, 1, 0, 0],
    );
    expect(story.feature(story.show(cleanList('one', T0 + 11, ['a'])), 'itemActedRank')).toBeNaN();
  });

  it('compare the price with that of the item acted on last, also where the interaction names no impression', () => {
    const story = new Story(INPUT);
    const priced = (price: number) => ({
      itemId: `p${price}`,
      position: 1,
      impressionId: null,
      text: '',
      category: null,
      price,
      propensity: null,
      attributes: null,
    });
    story.show(cleanList('elsewhere', T0, [priced(100)], { session: 'other' }));
    story.act(cleanInteraction('VIEW', T0 + 1, 'p100'));
    const first = story.show(
      cleanList('r', T0 + 2, [
        priced(50),
        { ...priced(100), position: 2 },
        { ...priced(200), position: 3 },
        'unpriced',
      ]),
    );
    expect(columnOf(story, first, 4, 'priceToLastActed')).toEqual([0.5, 1, 0.5, NaN]);
  });
});
