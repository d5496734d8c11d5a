import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import { takeClosed } from '../../../src/pipeline/close/close.js';
import { SURFACES } from '../../../src/events/words.js';
import { goOnUnder } from '../../../src/pipeline/stream-state.js';
import { cleanInteraction, cleanList, configOf, T0 } from '../kit.js';
import { Story } from '../story.js';

const WINDOW_MS = 10_000;
const JOIN = { attributionWindowMs: WINDOW_MS, allowedLatenessMs: 1_000, lateRetentionMs: 5_000 };

const storyOf = (label: ConfigInput['label'], join: ConfigInput['join'] = {}): Story =>
  new Story({ join: { ...JOIN, ...join }, label });
const windowed = (
  surfaceWindowsMs: NonNullable<ConfigInput['join']>['surfaceWindowsMs'],
  rest: ConfigInput['join'] = {},
): Story => storyOf({}, { surfaceWindowsMs, ...rest });
const onAd = (requestId: string, atMs: number, items: string[], session = 's1') =>
  cleanList(requestId, atMs, items, { surface: 'AD', session });
const click = (atMs: number, itemId: string, requestId?: string) =>
  cleanInteraction('CLICK', atMs, itemId, requestId === undefined ? {} : { requestId });
/** Request and label of each sample that comes out, in order. */
const emitted = (story: Story): string[] => {
  const { lists, labels } = takeClosed(story.state.join, story.config.label, 1e6);
  return lists.map(({ shown }, i) => `${shown.requestId} ${labels[i]!}`);
};
const labelsOf = (story: Story): number[] => [...takeClosed(story.state.join, story.config.label, 1e6).labels];

describe('a goal of a surface', () => {
  it('makes the labels of its impressions, and of no others', () => {
    const story = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    story.show(cleanList('r1', T0, ['a']), cleanList('r2', T0 + 1, ['a', 'b'], { surface: 'AD' }));
    story.act(
      cleanInteraction('CLICK', T0 + 2, 'a', { requestId: 'r1' }),
      cleanInteraction('CLICK', T0 + 2, 'a', { requestId: 'r2' }),
      cleanInteraction('PURCHASE', T0 + 2, 'b', { requestId: 'r2' }),
    );
    story.finish();
    expect(labelsOf(story)).toEqual([1, 0, 1]);
  });

  it('is what the click counters of its impressions count', () => {
    const withAds = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    const without = storyOf({});
    for (const story of [withAds, without]) {
      story.show(cleanList('r1', T0, ['a'], { surface: 'AD' }));
      story.act(cleanInteraction('CLICK', T0 + 1, 'a', { requestId: 'r1' }));
    }
    const clickedAfter = (story: Story): number =>
      story.feature(story.show(cleanList('r2', T0 + 2, ['a'], { surface: 'AD' })), 'itemClicked');
    expect(clickedAfter(withAds)).toBe(0);
    expect(clickedAfter(without)).toBeGreaterThan(0.9);
  });

  it('says what a late interaction would have made of the label', () => {
    const story = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    story.show(cleanList('r1', T0, ['a'], { surface: 'AD' }));
    story.act(
      cleanInteraction('CLICK', T0 + WINDOW_MS + 2, 'a', { requestId: 'r1' }),
      cleanInteraction('PURCHASE', T0 + WINDOW_MS + 3, 'a', { requestId: 'r1' }),
    );
    expect(story.late.map(({ type, labelWas, labelWouldBe }) => [type, labelWas, labelWouldBe])).toEqual([
      ['CLICK', 0, 0],
      ['PURCHASE', 0, 1],
    ]);
  });
});

describe('a window of a surface', () => {
  it('closes its impressions when it ends, and holds back those of no other', () => {
    const story = windowed({ AD: 3_000, RECOMMENDATION: 60_000 });
    story.show(
      cleanList('slow', T0, ['a'], { surface: 'RECOMMENDATION' }),
      cleanList('search', T0 + 1, ['a']),
      onAd('ad', T0 + 2, ['a']),
    );
    story.advance(T0 + 3_003);
    expect(emitted(story)).toEqual(['ad 0']);
    story.advance(T0 + WINDOW_MS + 2);
    expect(emitted(story)).toEqual(['search 0']);
    story.advance(T0 + 60_000);
    expect(emitted(story)).toEqual([]);
    story.advance(T0 + 60_001);
    expect(emitted(story)).toEqual(['slow 0']);
  });

  it('decides which of its interactions are late, and by how much', () => {
    const story = windowed({ AD: 3_000, RECOMMENDATION: 60_000 });
    story.show(onAd('ad', T0, ['a']), cleanList('slow', T0, ['a'], { surface: 'RECOMMENDATION' }));
    story.act(click(T0 + 3_500, 'a', 'ad'), click(T0 + 50_000, 'a', 'slow'));
    story.finish();
    expect(emitted(story)).toEqual(['ad 0', 'slow 1']);
    expect(story.late.map(({ sampleId, pastWindowMs }) => [sampleId, pastWindowMs])).toEqual([['ad#1', 500]]);
  });

  it('lets samples out in the order in which windows end, however the stream is cut', () => {
    const lists = Array.from({ length: 60 }, (_, i) =>
      cleanList(`r${i}`, T0 + i * 100, ['a', 'b'], { surface: SURFACES[(i * i + (i >> 2)) % 3]! }),
    );
    const orderOf = (everyMs: number): string[] => {
      const story = windowed({ AD: 1_000, RECOMMENDATION: 4_000 });
      const out: string[] = [];
      lists.forEach((list) => {
        story.show(list);
        if (everyMs > 0 && (list.eventTimeMs - T0) % everyMs === 0) out.push(...emitted(story));
      });
      story.finish();
      return [...out, ...emitted(story)];
    };
    const endOf = (requestId: string): number => {
      const list = lists[Number(requestId.slice(1))]!;
      return list.eventTimeMs + { SEARCH: WINDOW_MS, AD: 1_000, RECOMMENDATION: 4_000 }[list.surface];
    };
    const whole = orderOf(0);
    expect(whole.length).toBe(120);
    expect(orderOf(700)).toEqual(whole);
    expect(orderOf(100)).toEqual(whole);
    const ends = whole.map((line) => endOf(line.split(' ')[0]!));
    expect(ends).toEqual([...ends].sort((a, b) => a - b));
  });

  it('that is long keeps nothing of the others in memory', () => {
    const story = windowed({ AD: 1e9 });
    story.show(onAd('ad', T0, ['x']));
    for (let i = 0; i < 5_000; i++) {
      story.show(cleanList(`r${i}`, T0 + i * 100, ['a', 'b']));
      story.emitAll();
    }
    const { open } = story.state.join;
    expect(open.end - open.retainedFrom).toBeLessThanOrEqual(2 * 152);
    expect(story.state.join.capture().lists.length).toBeLessThanOrEqual(153);
    expect(open.rows.pageCount).toBeLessThanOrEqual(2);
    expect(story.state.join.openCount - open.openCount).toBe(1);
  });

  it('lets an impression be found by its session when newer ones of the session are forgotten', () => {
    const story = windowed({ AD: 1e6 });
    story.show(onAd('ad', T0, ['a']), cleanList('r', T0 + 1, ['b']));
    story.advance(T0 + 500_000);
    story.emitAll();
    story.advance(T0 + 500_001);
    story.show(cleanList('r2', T0 + 600_000, ['c']));
    story.act(click(T0 + 700_000, 'a'));
    story.finish();
    expect(story.counts.interactionsUnmatched).toBe(0);
    expect(emitted(story)).toContain('ad 1');
  });

  it('gives an interaction without a request to the one of its item that was shown last, of whatever surface', () => {
    const story = windowed({ AD: 60_000 });
    story.show(
      cleanList('old', T0, ['a']),
      onAd('ad', T0 + 1, ['a']),
      cleanList('new', T0 + 2, ['a']),
      onAd('other', T0 + 3, ['b']),
    );
    story.act(click(T0 + 4, 'a'));
    story.finish();
    expect(emitted(story)).toEqual(['old 0', 'new 1', 'ad 0', 'other 0']);
  });

  it('closes those first whose window ends first where there is no room', () => {
    const story = windowed({ AD: 60_000 }, { maxOpenImpressions: 3 });
    story.show(onAd('ad', T0, ['a', 'b']), cleanList('r1', T0 + 1, ['a']), cleanList('r2', T0 + 2, ['a']));
    expect(emitted(story)).toEqual(['r1 0']);
    story.show(onAd('late', T0 + 3, ['a', 'b']));
    expect(emitted(story)).toEqual(['r2 0', 'ad 0']);
    expect(story.counts.closedEarly).toBe(3);
    expect(story.state.join.openCount).toBe(3);
  });

  it('holds for what is shown from its declaration on; what is open keeps the one it was opened under', () => {
    const story = windowed({});
    const goOn = (join: ConfigInput['join']): void =>
      goOnUnder(configOf({ ...story.config, join: { ...story.config.join, ...join } } as ConfigInput), story.state);
    story.show(onAd('before', T0, ['a']));
    goOn({ surfaceWindowsMs: { AD: 1_000 } });
    story.show(onAd('under', T0 + 1, ['a']));
    goOn({ surfaceWindowsMs: { AD: 2_000 } });
    story.advance(T0 + 1_500);
    expect(emitted(story)).toEqual([]);
    goOn({ surfaceWindowsMs: {} });
    story.show(onAd('after', T0 + 1_501, ['a']));
    story.act(click(T0 + WINDOW_MS, 'a', 'before'));
    story.finish();
    expect(emitted(story)).toEqual(['before 1', 'under 0', 'after 0']);
  });
});
