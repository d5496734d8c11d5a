import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import { strength } from '../../../src/events/strength.js';
import { INTERACTION_TYPES } from '../../../src/events/words.js';
import { cleanInteraction, cleanItem, cleanList, T0 } from '../kit.js';
import { Story } from '../story.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;
const RETENTION_MS = 5_000;

const storyOf = (join: ConfigInput['join'] = {}): Story =>
  new Story({
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, lateRetentionMs: RETENTION_MS, ...join },
  });

/** Ranks of impressions from a sequence number on. */
const ranks = (story: Story, first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => story.impression(first + i).rank);

const CLICK = strength('CLICK');

describe('an interaction finds its impression', () => {
  it('by the id its producer gave', () => {
    const story = storyOf();
    const first = story.show(
      cleanList('r', T0, [cleanItem('a', 1, { impressionId: 'x1' }), cleanItem('a', 2, { impressionId: 'x2' })]),
    );
    story.act(cleanInteraction('CLICK', T0 + 1, 'a', { impressionId: 'x2' }));
    expect(ranks(story, first, 2)).toEqual([-1, CLICK]);
  });

  it('by request#position where none was given', () => {
    const story = storyOf();
    const first = story.show(cleanList('r#7', T0, ['a', 'b', 'c']));
    story.act(cleanInteraction('CLICK', T0 + 1, 'c', { impressionId: 'r#7#3' }));
    expect(ranks(story, first, 3)).toEqual([-1, -1, CLICK]);
  });

  it('by request#position on every page of one request', () => {
    const story = storyOf();
    const first =
      story.show(
        cleanList('r', T0, [cleanItem('a', 1), cleanItem('b', 2)]),
        cleanList('r', T0 + 5, [cleanItem('c', 3), cleanItem('d', 4)]),
      ) - 2;
    story.act(
      cleanInteraction('CLICK', T0 + 9, 'b', { impressionId: 'r#2' }),
      cleanInteraction('CLICK', T0 + 9, 'd', { impressionId: 'r#4' }),
    );
    expect(ranks(story, first, 4)).toEqual([-1, CLICK, -1, CLICK]);
  });

  it('not by request#position where the producer gave another id', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, [cleanItem('a', 1, { impressionId: 'x' })]));
    story.act(cleanInteraction('CLICK', T0 + 1, 'a', { impressionId: 'r#1' }));
    story.finish();
    expect(ranks(story, first, 1)).toEqual([-1]);
    expect(story.counts.interactionsUnmatched).toBe(1);
  });

  it('by request and item, the newest page of the request first', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a', 'b']), cleanList('r', T0 + 5, [cleanItem('b', 3)])) - 2;
    story.act(
      cleanInteraction('CLICK', T0 + 9, 'b', { requestId: 'r' }),
      cleanInteraction('VIEW', T0 + 9, 'a', { requestId: 'r' }),
    );
    expect(ranks(story, first, 3)).toEqual([strength('VIEW'), -1, CLICK]);
  });

  it('by session and item, the most recent one shown by then', () => {
    const story = storyOf();
    const first =
      story.show(
        cleanList('r1', T0, ['a', 'b']),
        cleanList('r2', T0 + 100, ['b', 'a']),
        cleanList('r3', T0 + 200, ['b']),
      ) - 4;
    story.actAt(T0 + 300, cleanInteraction('CLICK', T0 + 150, 'b'));
    expect(ranks(story, first, 5)).toEqual([-1, -1, CLICK, -1, -1]);
    story.act(cleanInteraction('VIEW', T0 + 301, 'a'), cleanInteraction('CLICK', T0 + 302, 'b'));
    expect(ranks(story, first, 5)).toEqual([-1, -1, CLICK, strength('VIEW'), CLICK]);
  });

  it('never in another session', () => {
    const story = storyOf();
    const first = story.show(cleanList('r1', T0, ['a'], { session: 's2' }));
    story.act(cleanInteraction('CLICK', T0 + 1, 'a'));
    expect(ranks(story, first, 1)).toEqual([-1]);
    expect(story.counts.interactionsUnmatched).toBe(1);
  });

  it('never by an item alone that was shown only after it', () => {
    const story = storyOf();
    story.show(cleanList('r1', T0, ['a']));
    story.actAt(T0 + 10, cleanInteraction('CLICK', T0 - 1, 'a'));
    expect(story.counts).toMatchObject({ interactionsJoined: 0, interactionsUnmatched: 1 });
  });
});

describe('an outcome', () => {
  it('is the strongest interaction in the window, in whatever order they come, and the values add up', () => {
    const interaction = fc.record({
      type: fc.constantFrom(...INTERACTION_TYPES),
      afterMs: fc.integer({ min: 0, max: WINDOW_MS }),
      value: fc.integer({ min: -50, max: 1_000 }),
    });
    fc.assert(
      fc.property(fc.array(interaction, { maxLength: 12 }), (given) => {
        const story = storyOf();
        const first = story.show(cleanList('r', T0, ['a']));
        const inOrder = [...given].sort((a, b) => a.afterMs - b.afterMs);
        for (const { type, afterMs, value } of inOrder)
          story.act(cleanInteraction(type, T0 + afterMs, 'a', { requestId: 'r', value }));
        expect(story.impression(first)).toEqual({
          rank: Math.max(-1, ...given.map(({ type }) => strength(type))),
          value: given.reduce((sum, { value }) => sum + value, 0),
          isOpen: true,
        });
        expect(story.counts.interactionsJoined).toBe(given.length);
        expect(story.late).toEqual([]);
      }),
    );
  });

  it('is open through the last millisecond of the window and final after it', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a']));
    story.act(cleanInteraction('VIEW', T0 + WINDOW_MS, 'a', { requestId: 'r' }));
    expect(story.impression(first)).toMatchObject({ rank: strength('VIEW'), isOpen: true });
    story.advance(T0 + WINDOW_MS);
    expect(story.impression(first).isOpen).toBe(true);
    story.advance(T0 + WINDOW_MS + 1);
    expect(story.impression(first).isOpen).toBe(false);
  });
});

describe('a late interaction', () => {
  it('changes nothing and says how late it was and what it would have changed', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a']));
    story.act(cleanInteraction('VIEW', T0 + 5, 'a', { requestId: 'r' }));
    const past = cleanInteraction('PURCHASE', T0 + WINDOW_MS + 250, 'a', { requestId: 'r', value: 9 });
    story.actAt(T0 + WINDOW_MS + 250, past);
    const behind = cleanInteraction('CLICK', T0 + 300, 'a', { requestId: 'r' });
    story.actAt(T0 + WINDOW_MS + 700, behind);
    story.actAt(T0 + WINDOW_MS + 700, cleanInteraction('DISMISS', T0 + 300, 'a', { requestId: 'r' }));
    expect(story.impression(first)).toEqual({ rank: strength('VIEW'), value: 0, isOpen: false });
    expect(story.late[0]).toEqual({
      interactionId: past.interactionId,
      eventTimeMs: T0 + WINDOW_MS + 250,
      type: 'PURCHASE',
      sessionPseudonym: 's1',
      pseudonymKeyId: 'key',
      itemId: 'a',
      requestId: 'r',
      sampleId: 'r#1',
      impressionTimeMs: T0,
      pastWindowMs: 250,
      behindWatermarkMs: 0,
      labelWas: 0,
      labelWouldBe: 1,
      outcomeWas: 'VIEW',
      outcomeWouldBe: 'PURCHASE',
    });
    expect(story.late[1]).toMatchObject({
      pastWindowMs: 0,
      behindWatermarkMs: WINDOW_MS + 400,
      labelWas: 0,
      labelWouldBe: 1,
      outcomeWouldBe: 'CLICK',
    });
    expect(story.late[2]).toMatchObject({ labelWas: 0, labelWouldBe: 0, outcomeWas: 'VIEW', outcomeWouldBe: 'VIEW' });
    expect(story.counts).toMatchObject({ interactionsLate: 3, interactionsJoined: 1, interactionsUnmatched: 0 });
  });

  it('is recognised for lateRetentionMs after the close, then the impression is forgotten', () => {
    for (const [afterMs, late] of [
      [WINDOW_MS + RETENTION_MS, 1],
      [WINDOW_MS + RETENTION_MS + 1, 0],
    ] as const) {
      const story = storyOf();
      story.show(cleanList('r', T0, ['a']));
      story.act(cleanInteraction('CLICK', T0 + afterMs, 'a'));
      expect(story.counts).toMatchObject({ interactionsLate: late, interactionsUnmatched: 1 - late });
    }
  });
});

describe('forgetting', () => {
  it('an impression remembered or forgotten is the same to every later event, whether its memory was given back or not', () => {
    const step = fc.record({
      gapMs: fc.integer({ min: 0, max: 9_000 }),
      item: fc.constantFrom('a', 'b'),
      request: fc.constantFrom('r', 'q'),
      given: fc.boolean(),
      by: fc.constantFrom('list', 'id', 'given', 'request', 'session'),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        (steps, emits) => {
          // One story takes its closed samples out as soon as it can, the other never.
          const outcomes = [true, false].map((isEager) => {
            const story = storyOf();
            let nowMs = T0;
            steps.forEach(({ gapMs, item, request, given, by }, i) => {
              nowMs += gapMs;
              const id = `${request}#1`;
              if (by === 'list')
                story.show(
                  cleanList(request, nowMs, [cleanItem(item, 1 + (i % 3), { impressionId: given ? id : null })]),
                );
              else if (by === 'id' || by === 'given')
                story.act(cleanInteraction('CLICK', nowMs, item, { interactionId: `i${i}`, impressionId: id }));
              else
                story.act(
                  cleanInteraction('CLICK', nowMs, item, {
                    interactionId: `i${i}`,
                    ...(by === 'request' ? { requestId: request } : {}),
                  }),
                );
              if (isEager && emits[i]) story.emitAll();
            });
            return { counts: story.counts, late: story.late };
          });
          expect(outcomes[0]).toEqual(outcomes[1]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('an id that a forgotten impression was given may be found as request#position again', () => {
    for (const isEager of [true, false]) {
      const story = storyOf();
      story.show(cleanList('q', T0, [cleanItem('a', 1, { impressionId: 'r#1' })]));
      // Past the deduplication window: within it, r#1 again is a duplicate.
      const nowMs = T0 + WINDOW_MS + RETENTION_MS + 3 * 3_600_000;
      story.show(cleanList('between', nowMs - 2 * 3_600_000, ['z']));
      story.advance(nowMs);
      if (isEager) story.state.join.takeClosed(1, () => undefined);
      const first = story.show(cleanList('r', nowMs, ['a']));
      story.act(cleanInteraction('CLICK', nowMs, 'a', { impressionId: 'r#1' }));
      expect(story.impression(first).rank, isEager ? 'memory given back' : 'memory kept').toBe(CLICK);
    }
  });

  it('gives memory back: after a long stream only what is open or recent is held', () => {
    const story = storyOf();
    for (let i = 0; i < 5_000; i++) {
      story.show(cleanList(`r${i}`, T0 + i * 100, [cleanItem('a', 1, { impressionId: `x${i}` }), cleanItem('b', 2)]));
      story.emitAll();
    }
    const { open } = story.state.join;
    expect(open.end - open.retainedFrom).toBeLessThanOrEqual(2 * 152);
    expect(story.state.join.capture().lists.length).toBeLessThanOrEqual(152);
    expect(open.rows.pageCount).toBeLessThanOrEqual(2);
  });
});

describe('at the cap of open impressions', () => {
  it('the oldest close early under close-oldest, and are counted', () => {
    const story = storyOf({ maxOpenImpressions: 4 });
    const first = story.show(cleanList('r1', T0, ['a', 'b']));
    story.show(cleanList('r2', T0 + 1, ['c', 'd']));
    story.act(cleanInteraction('CLICK', T0 + 1, 'b', { requestId: 'r1' }));
    story.show(cleanList('r3', T0 + 2, ['e']));
    expect(story.counts.closedEarly).toBe(1);
    expect([0, 1, 2, 3, 4].map((i) => story.impression(first + i).isOpen)).toEqual([false, true, true, true, true]);
    story.act(
      cleanInteraction('CLICK', T0 + 3, 'a', { requestId: 'r1' }),
      cleanInteraction('PURCHASE', T0 + 3, 'b', { requestId: 'r1' }),
    );
    expect(
      story.late.map(({ sampleId, pastWindowMs, behindWatermarkMs }) => [sampleId, pastWindowMs, behindWatermarkMs]),
    ).toEqual([['r1#1', 0, 0]]);
    expect(ranks(story, first, 2)).toEqual([-1, strength('PURCHASE')]);
  });

  it('a list longer than the cap closes everything before it and is opened whole', () => {
    const story = storyOf({ maxOpenImpressions: 3 });
    const first = story.show(cleanList('r1', T0, ['a', 'b']));
    story.show(cleanList('r2', T0 + 1, ['c', 'd', 'e', 'f', 'g']));
    expect(story.counts.closedEarly).toBe(2);
    expect(Array.from({ length: 7 }, (_, i) => story.impression(first + i).isOpen)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  });

  it('the stream stops under stop, with the limit in the message', () => {
    const story = storyOf({ maxOpenImpressions: 2, overflow: 'stop' });
    story.show(cleanList('r1', T0, ['a', 'b']));
    expect(() => story.show(cleanList('r2', T0 + 1, ['c']))).toThrow(
      expect.objectContaining({ code: 'open-impressions-full', details: { limit: 2 } }) as Error,
    );
    story.advance(T0 + WINDOW_MS + 1);
    expect(() => story.show(cleanList('r3', T0 + WINDOW_MS + 1, ['c']))).not.toThrow();
  });
});

describe('an interaction that comes before its impression', () => {
  it.each([
    ['given id', { impressionId: 'x' }],
    ['request and item', { requestId: 'r' }],
  ])('waits for it by %s as long as the allowed lateness', (_name, reference) => {
    const story = storyOf();
    story.act(cleanInteraction('CLICK', T0 - LATENESS_MS, 'a', { ...reference, value: 5 }));
    expect(story.state.pending.size).toBe(1);
    const first = story.show(cleanList('r', T0, [cleanItem('a', 1, { impressionId: 'x' })]));
    expect(story.impression(first)).toMatchObject({ rank: CLICK, value: 5 });
    expect(story.counts).toMatchObject({ interactionsRead: 1, interactionsJoined: 1, interactionsUnmatched: 0 });
    expect(story.state.pending.size).toBe(0);
  });

  it('waits by the default id, too', () => {
    const story = storyOf();
    story.act(cleanInteraction('CLICK', T0 - 10, 'b', { impressionId: 'r#2' }));
    const first = story.show(cleanList('r', T0, ['a', 'b']));
    expect(ranks(story, first, 2)).toEqual([-1, CLICK]);
  });

  it('counts as unmatched once the lateness is over, and then joins nothing', () => {
    const story = storyOf();
    story.act(cleanInteraction('CLICK', T0, 'a', { requestId: 'r' }));
    const first = story.show(cleanList('r', T0 + LATENESS_MS + 1, ['a']));
    expect(story.counts).toMatchObject({ interactionsJoined: 0, interactionsUnmatched: 1 });
    expect(story.impression(first).rank).toBe(-1);
  });

  it('of too many, the oldest count as unmatched', () => {
    const story = storyOf({ maxPendingInteractions: 2 });
    for (const item of ['a', 'b', 'c']) story.act(cleanInteraction('CLICK', T0, item, { requestId: 'r' }));
    const first = story.show(cleanList('r', T0 + 1, ['a', 'b', 'c']));
    expect(ranks(story, first, 3)).toEqual([-1, CLICK, CLICK]);
    expect(story.counts).toMatchObject({ interactionsJoined: 2, interactionsUnmatched: 1 });
  });

  it('with long ids counts for as many as it takes the room of', () => {
    const story = storyOf({ maxPendingInteractions: 8 });
    const long = (name: string): string => name.padEnd(1_024, 'x');
    for (let i = 0; i < 7; i++) story.act(cleanInteraction('CLICK', T0, `i${i}`, { requestId: 'r' }));
    expect(story.state.pending.size).toBe(7);
    // 450 bytes and twice 2,050 characters: five of usual size. Of request and impression id a key stays.
    for (const name of ['a', 'b'])
      story.act(
        cleanInteraction('CLICK', T0, long(name), {
          interactionId: long(`c${name}`),
          requestId: long('r'),
          impressionId: long(name),
        }),
      );
    story.act(cleanInteraction('CLICK', T0, 'last', { requestId: 'r' }));
    expect(story.state.pending.capture().map(({ interaction }) => interaction.itemId.slice(0, 4))).toEqual([
      'bxxx',
      'last',
    ]);
    const first = story.show(cleanList('r', T0 + 1, ['last']));
    expect(ranks(story, first, 1)).toEqual([CLICK]);
  });

  it('without any reference waits for nothing', () => {
    const story = storyOf();
    story.act(cleanInteraction('CLICK', T0 - 1, 'a'));
    expect([story.state.pending.size, story.counts.interactionsUnmatched]).toEqual([0, 1]);
  });

  it('is unmatched at a declared end of the input', () => {
    const story = storyOf();
    story.act(cleanInteraction('CLICK', T0, 'a', { requestId: 'r' }));
    story.finish();
    expect([story.state.pending.size, story.counts.interactionsUnmatched]).toEqual([0, 1]);
  });
});

describe('duplicates and late lists', () => {
  it('an interaction id counts once', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a']));
    const click = cleanInteraction('CLICK', T0 + 1, 'a', { requestId: 'r', value: 2 });
    story.act(click, click);
    expect(story.impression(first).value).toBe(2);
    expect(story.counts).toMatchObject({ interactionsRead: 2, interactionsJoined: 1, interactionsDuplicate: 1 });
  });

  it('of a list sent again, only impressions not seen before are opened, with their own places', () => {
    const story = storyOf();
    const first = story.show(cleanList('r', T0, ['a', 'b']));
    story.showAt(T0 + 5, {
      ...cleanList('r', T0 + 5, [cleanItem('a', 1), cleanItem('c', 3), cleanItem('b', 2), cleanItem('d', 4)]),
    });
    expect(story.counts).toMatchObject({ impressionsRead: 6, impressionsDuplicate: 2 });
    expect(story.state.join.open.end - first).toBe(4);
    story.act(
      cleanInteraction('CLICK', T0 + 6, 'd', { impressionId: 'r#4' }),
      cleanInteraction('VIEW', T0 + 6, 'b', { impressionId: 'r#2' }),
    );
    expect(ranks(story, first, 4)).toEqual([-1, strength('VIEW'), -1, CLICK]);
    expect(story.feature(first + 2, 'listLength')).toBe(2);
  });

  it('one item twice in a list is two impressions, one position twice is one', () => {
    const story = storyOf();
    story.show(cleanList('r', T0, [cleanItem('a', 1), cleanItem('a', 2), cleanItem('b', 2)]));
    expect(story.counts).toMatchObject({ impressionsRead: 3, impressionsDuplicate: 1 });
  });

  it('a list that comes after its turn is a dead letter, and its impressions are not opened', () => {
    const story = storyOf();
    story.showAt(T0 + 40, cleanList('r', T0, ['a', 'b']));
    expect(story.state.join.open.end).toBe(0);
    expect(story.counts).toMatchObject({ impressionsRead: 2, impressionsDeadLettered: 2 });
    expect(story.followed.deadLetters.map(({ code, reason }) => [code, reason.includes('40 ms behind')])).toEqual([
      ['late-impression', true],
    ]);
  });
});
