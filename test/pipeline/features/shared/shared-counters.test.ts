import { describe, expect, it } from 'vitest';
import { AT, type ColumnName } from '../../../../src/pipeline/features/columns.js';
import { packCounts, unpackCounts } from '../../../../src/pipeline/features/shared/delta.js';
import type { OwnDelta } from '../../../../src/pipeline/features/shared/shared-counters.js';
import { cleanInteraction, cleanList, T0 } from '../../kit.js';
import { Story } from '../../story.js';

const EVERY_MS = 10_000;
const LONG_MS = 3_600_000;
/** A begin of a stretch. */
const BEGIN = Math.ceil(T0 / EVERY_MS) * EVERY_MS;

let offset = 0;

function storyOf(counters: 'shared' | 'partition' = 'shared'): Story {
  const story = new Story({
    features: { counters, shareEveryMs: EVERY_MS, shortHalfLifeMs: 600_000, longHalfLifeMs: LONG_MS },
    join: { attributionWindowMs: 600_000, lateRetentionMs: 300_000, allowedLatenessMs: 1_000 },
  });
  story.state.features.shared?.beginAt(offset);
  return story;
}

/** What a story has to tell is heard by another. @returns what was told */
function tell(from: Story, to: Story): readonly OwnDelta[] {
  const given = from.state.features.shared!.takeGiven();
  const { shared } = to.state.features;
  for (const { fromMs, toMs, parts } of given)
    for (const packed of parts) shared!.hear({ offset: offset++, fromMs, toMs, packed });
  shared!.heardTo = offset;
  return given;
}

const show = (story: Story, id: string, atMs: number, rest: object = {}): void =>
  void story.show(cleanList(id, atMs, ['a', 'b'], { query: 'shoes', ...rest }));
const column = (story: Story, sequence: number, name: ColumnName): number => story.row(sequence)[AT[name]!]!;

describe('packed counts', () => {
  it('are what was packed, in as many parts as they need', () => {
    const keys = Array.from({ length: 25_000 }, (_, n) => Number.MAX_SAFE_INTEGER - n);
    const tables = {
      item: { keys, counts: { shown: keys.map((_, n) => n % 7), 'clicked CLICK': keys.map((_, n) => n % 2) } },
      query: { keys: [3], counts: { shown: [4] } },
    };
    const parts = packCounts(tables).map(unpackCounts);
    expect(parts.length).toBe(3);
    expect(parts.flatMap(({ item }) => item?.keys ?? [])).toEqual(keys);
    expect(parts.flatMap(({ item }) => item?.counts['shown'] ?? [])).toEqual(tables.item.counts.shown);
    expect(parts.flatMap(({ query }) => (query ? [query] : []))).toEqual([tables.query]);
  });

  it('of nothing are one part, which is empty', () => {
    expect(packCounts({}).map(unpackCounts)).toEqual([{}]);
  });
});

describe('partitions that share counters', () => {
  it('each count what both saw, as one partition counts it, and nothing twice', () => {
    const [left, right, one] = [storyOf(), storyOf(), storyOf('partition')];
    for (let n = 0; n < 40; n++) {
      const atMs = BEGIN + n * 1_000;
      const mine = n % 2 === 0 ? left : right;
      for (const story of [mine, one]) {
        show(story, `r${n}`, atMs, { session: `s${n}` });
        story.act(cleanInteraction('CLICK', atMs + 1, 'a', { requestId: `r${n}`, session: `s${n}` }));
      }
      if (n % 10 === 9) {
        for (const story of [left, right]) story.state.features.shared!.passed(atMs + 1_000);
        tell(left, right);
        tell(right, left);
      }
    }
    const lastMs = BEGIN + 50_000;
    for (const story of [left, right, one]) show(story, 'last', lastMs, { session: 'last' });
    const last = (story: Story, name: ColumnName): number => column(story, story.state.join.open.end - 2, name);
    for (const name of [
      'itemShown',
      'itemClicked',
      'queryShown',
      'itemInQueryShown',
      'itemWindowShown',
      'itemActed',
    ] as const)
      for (const story of [left, right])
        expect([name, last(story, name)]).toEqual([name, expect.closeTo(last(one, name), 1)]);
    for (const name of ['itemRateLong', 'positionRateLong', 'queryRateShort', 'surfaceRateLong'] as const)
      for (const story of [left, right])
        expect([name, last(story, name)]).toEqual([name, expect.closeTo(last(one, name), 2)]);
    expect(last(one, 'itemShown')).toBeGreaterThan(39);
  });

  it('count nothing before its time: a stretch that is not over here waits', () => {
    const [ahead, behind] = [storyOf(), storyOf()];
    for (let n = 0; n < 5; n++) show(ahead, `r${n}`, BEGIN + 100_000 + n);
    show(ahead, 'next', BEGIN + 110_000);
    show(behind, 'first', BEGIN);
    expect(tell(ahead, behind).length).toBe(1);
    show(behind, 'before', BEGIN + 105_000);
    expect(column(behind, 2, 'itemShown')).toBeCloseTo(1, 1);
    show(behind, 'after', BEGIN + 110_000);
    expect(column(behind, 4, 'itemShown')).toBeCloseTo(2 + 5, 1);
  });

  it('tell nothing of sessions, and of people only those who are known', () => {
    const [left, right] = [storyOf(), storyOf()];
    show(left, 'r1', BEGIN, { session: 's1', user: 'u1' });
    show(left, 'r2', BEGIN, { session: 's2', user: null });
    show(left, 'next', BEGIN + EVERY_MS, { session: 's3' });
    const [told] = tell(left, right);
    const tables = unpackCounts(told!.parts[0]!);
    expect(Object.keys(tables)).not.toContain('session');
    expect(Object.keys(tables)).not.toContain('sessionItem');
    expect(tables['person']!.keys).toEqual([left.state.features.keyOf('u1')]);
  });
});
