import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import { flagsOf, SAMPLE_FLAGS } from '../../../src/events/flags.js';
import { INTERACTION_TYPES, type InteractionType } from '../../../src/events/words.js';
import { takeClosed } from '../../../src/pipeline/close/close.js';
import { captureState, completeCapture, restoreState } from '../../../src/pipeline/checkpoint/capture.js';
import { packCheckpoint, unpackCheckpoint } from '../../../src/pipeline/checkpoint/pack.js';
import { FROM_THE_BEGINNING, Reorder } from '../../../src/pipeline/order/reorder.js';
import { emptyStreamState } from '../../../src/pipeline/stream-state.js';
import { cleanInteraction, cleanList, keyOf, NO_HOLD, T0 } from '../kit.js';
import { Story } from '../story.js';

type Rules = NonNullable<NonNullable<ConfigInput['quality']>['rules']>;

const WINDOW_MS = 10_000;
const OFF: Rules = {
  sessionRate: { action: 'off' },
  impossibleDwell: { action: 'off' },
  clickEverything: { action: 'off' },
};

const storyOf = (rules: Rules, more: ConfigInput = {}): Story =>
  new Story({
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: 1_000 },
    quality: { rules: { ...OFF, ...rules } },
    ...more,
  });

/** Closes everything and gives the flags of every sample, oldest first. */
function flagsAtTheEnd(story: Story): (readonly string[])[] {
  story.finish();
  const { flags } = takeClosed(story.state.join, { goal: 'CLICK' }, 1e6);
  return Array.from(flags, (bits) => flagsOf(bits));
}

const click = (atMs: number, item: string, rest = {}) => cleanInteraction('CLICK', atMs, item, rest);

describe('flags', () => {
  it('have one name a bit, in the order of the table, and none for bits of other things', () => {
    for (let bits = 0; bits < 16; bits++)
      expect(flagsOf(bits)).toEqual(SAMPLE_FLAGS.filter((_, i) => (bits >> i) % 2 === 1));
    expect(flagsOf(0x80)).toEqual([]);
    expect(flagsOf(3)).toBe(flagsOf(3));
  });
});

describe('the rate of a session', () => {
  const rules: Rules = { sessionRate: { maxPerWindow: 3, windowMs: 1_000 } };
  const items = ['a', 'b', 'c', 'd', 'e', 'f'];

  it('catches the act that is one too many within a window, and flags every sample of the session that closes after it', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items), cleanList('r2', T0, ['x'], { session: 's2' }));
    for (let i = 0; i < 4; i++) story.act(click(T0 + 10 + i, items[i]!));
    expect(story.counts).toMatchObject({ caughtBySessionRate: 1, interactionsJoined: 4, interactionsDiverted: 0 });
    expect(flagsAtTheEnd(story)).toEqual([...items.map(() => ['session-rate']), []]);
  });

  it('leaves alone whoever spreads as many over several windows', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (let i = 0; i < 6; i++) story.act(click(T0 + 10 + i * 500, items[i]!));
    expect(story.counts.caughtBySessionRate).toBe(0);
    expect(flagsAtTheEnd(story).flat()).toEqual([]);
  });

  it('counts the part of the window before that is still within reach', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (const [i, atMs] of [0, 800, 900, 1_050].entries()) story.act(click(T0 + 10 + atMs, items[i]!));
    // Three in the window before, 95 % of it within reach, and one.
    expect(story.counts.caughtBySessionRate).toBe(1);
  });

  it('does not count views and dismissals, which pages send by themselves', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (let i = 0; i < 50; i++) story.act(cleanInteraction(i % 2 === 0 ? 'VIEW' : 'DISMISS', T0 + 10 + i, 'a'));
    expect(story.counts.caughtBySessionRate).toBe(0);
  });

  it('does not count what was sent twice', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (let i = 0; i < 9; i++) story.act(click(T0 + 10 + i, 'a', { interactionId: 'same' }));
    expect(story.counts).toMatchObject({ caughtBySessionRate: 0, interactionsDuplicate: 8 });
  });

  it('is forgotten once the session was silent for a window', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (let i = 0; i < 4; i++) story.act(click(T0 + 10 + i, items[i]!));
    const laterMs = T0 + 2 * WINDOW_MS;
    story.show(cleanList('later', laterMs, ['a']));
    story.act(click(laterMs + 1, 'a', { requestId: 'later' }));
    expect(flagsAtTheEnd(story)).toEqual([...items.map(() => ['session-rate']), []]);
  });
});

describe('an impossible dwell', () => {
  const rules: Rules = { impossibleDwell: { minMs: 20, maxMs: 1_000 } };

  it.each([
    [19, true],
    [20, false],
    [1_000, false],
    [1_001, true],
    [-1, true],
    [null, false],
  ])('%d is caught: %s', (dwellMs, isCaught) => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, ['a', 'b']));
    story.act(click(T0 + 5, 'a', { dwellMs }));
    expect(story.counts.caughtByImpossibleDwell).toBe(isCaught ? 1 : 0);
    expect(flagsAtTheEnd(story)).toEqual([isCaught ? ['impossible-dwell'] : [], []]);
  });

  it('stays with an interaction that waits for its impression', () => {
    const story = storyOf(rules);
    story.act(click(T0 - 5, 'a', { dwellMs: 1, requestId: 'r' }));
    story.show(cleanList('r', T0, ['a', 'b']));
    expect(story.counts).toMatchObject({ caughtByImpossibleDwell: 1, interactionsJoined: 1 });
    expect(flagsAtTheEnd(story)).toEqual([['impossible-dwell'], []]);
  });
});

describe('clicking everything', () => {
  const rules: Rules = { clickEverything: { minShown: 4, maxShare: 0.5 } };
  const items = ['a', 'b', 'c', 'd'];

  it('flags all samples of the session, the ones before it was noticed and the ones not clicked too', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items), cleanList('r2', T0, items, { session: 's2' }));
    for (const [i, item] of ['a', 'b', 'c'].entries()) story.act(click(T0 + 10 + i, item, { requestId: 'r' }));
    expect(flagsAtTheEnd(story)).toEqual([...items.map(() => ['click-everything']), ...items.map(() => [])]);
  });

  it('counts an impression once, however often it is clicked', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (let i = 0; i < 9; i++) story.act(click(T0 + 10 + i, 'a'));
    expect(flagsAtTheEnd(story).flat()).toEqual([]);
  });

  it('waits until enough was shown', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, ['a', 'b', 'c']));
    for (const item of ['a', 'b', 'c']) story.act(click(T0 + 10, item));
    expect(flagsAtTheEnd(story).flat()).toEqual([]);
  });
});

describe('a rule that diverts', () => {
  const rules: Rules = { clickEverything: { minShown: 4, maxShare: 0.5, action: 'divert' } };
  const items = Array.from({ length: 10 }, (_, i) => `i${i}`);

  it('lets join what came before it was noticed, and nothing after, however long the session goes on', () => {
    const story = storyOf(rules);
    story.show(cleanList('r', T0, items));
    for (const [i, item] of items.entries()) story.act(click(T0 + 10 + i, item));
    expect(story.counts).toMatchObject({
      interactionsRead: 10,
      interactionsJoined: 6,
      interactionsDeadLettered: 4,
      interactionsDiverted: 4,
      caughtByClickEverything: 4,
    });
    expect(story.followed.deadLetters.map(({ code, stage }) => `${stage} ${code}`)).toEqual(
      Array(4).fill('quality click-everything'),
    );
    expect(story.followed.deadLetters[0]!.reason).toContain('0.5');
  });

  it('keeps what it diverts out of the counters', () => {
    const [diverted, flagged, off] = (['divert', 'flag', 'off'] as const).map((action) => {
      const story = storyOf({ impossibleDwell: { action } });
      story.show(cleanList('r', T0, ['a', 'b']));
      story.act(click(T0 + 5, 'a', { dwellMs: 0 }));
      return story.feature(story.show(cleanList('next', T0 + 50, ['a'])), 'sessionClicks');
    });
    expect([diverted, flagged, off]).toEqual([0, 1, 1]);
  });
});

/** Events of a few sessions, some of them hasty. */
const events = fc.array(
  fc.record({
    session: fc.integer({ min: 0, max: 3 }),
    gapMs: fc.integer({ min: 0, max: 3_000 }),
    shows: fc.boolean(),
    type: fc.constantFrom<InteractionType>(...INTERACTION_TYPES, 'CLICK', 'CLICK'),
    item: fc.integer({ min: 0, max: 4 }),
    dwellMs: fc.option(fc.integer({ min: 0, max: 60 })),
  }),
  { minLength: 5, maxLength: 80 },
);

function tell(story: Story, told: typeof events extends fc.Arbitrary<infer E> ? E : never): void {
  let nowMs = T0;
  told.forEach(({ session, gapMs, shows, type, item, dwellMs }, i) => {
    nowMs += gapMs;
    if (shows) story.show(cleanList(`r${i}`, nowMs, ['0', '1', '2', '3', '4'], { session: `s${session}` }));
    else
      story.act(
        cleanInteraction(type, nowMs, String(item), { interactionId: `e${i}`, session: `s${session}`, dwellMs }),
      );
  });
}

const strict = (action: 'flag' | 'divert' | 'off'): Rules => ({
  sessionRate: { action, maxPerWindow: 2, windowMs: 2_000 },
  impossibleDwell: { action },
  clickEverything: { action, minShown: 5, maxShare: 0.3 },
});

describe('whatever happens', () => {
  it('flags change no feature, no label and no count of anything else', () => {
    fc.assert(
      fc.property(events, (told) => {
        const [flagged, off] = (['flag', 'off'] as const).map((action) => {
          const story = storyOf(strict(action));
          tell(story, told);
          story.finish();
          const { rows, labels, sampleKeys } = takeClosed(story.state.join, { goal: 'CLICK' }, 1e6);
          const { interactionsJoined, interactionsLate, interactionsUnmatched, interactionsDuplicate } = story.counts;
          return {
            rows,
            labels,
            sampleKeys,
            interactionsJoined,
            interactionsLate,
            interactionsUnmatched,
            interactionsDuplicate,
          };
        });
        expect(flagged).toEqual(off);
      }),
      { numRuns: 60 },
    );
  });

  it('every interaction ends in exactly one place, and every diverted one is a dead letter', () => {
    fc.assert(
      fc.property(events, (told) => {
        const story = storyOf(strict('divert'));
        tell(story, told);
        story.finish();
        const { counts } = story;
        expect(counts.interactionsRead).toBe(
          counts.interactionsJoined +
            counts.interactionsUnmatched +
            counts.interactionsLate +
            counts.interactionsDuplicate +
            counts.interactionsDeadLettered,
        );
        expect(counts.interactionsDiverted).toBe(counts.interactionsDeadLettered);
        expect(story.followed.deadLetters.length).toBe(counts.interactionsDiverted);
      }),
      { numRuns: 60 },
    );
  });

  it('flags do not depend on how often the windows were looked at', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(100), { minLength: 1, maxLength: 10 }), (told, looks) => {
        const [calm, nervous] = [false, true].map((isNervous) => {
          const story = storyOf(strict('flag'));
          if (!isNervous) tell(story, told);
          else {
            let nowMs = T0;
            told.forEach(({ session, gapMs, shows, type, item, dwellMs }, i) => {
              // The watermark moves on between events, as it does at the end of a unit.
              for (const look of looks) story.advance(nowMs + (gapMs * look) / 101);
              nowMs += gapMs;
              if (shows) story.show(cleanList(`r${i}`, nowMs, ['0', '1', '2', '3', '4'], { session: `s${session}` }));
              else
                story.act(
                  cleanInteraction(type, nowMs, String(item), {
                    interactionId: `e${i}`,
                    session: `s${session}`,
                    dwellMs,
                  }),
                );
            });
          }
          return flagsAtTheEnd(story);
        });
        expect(nervous).toEqual(calm);
      }),
      { numRuns: 40 },
    );
  });

  it('remembers no more sessions than it may', () => {
    const story = storyOf(strict('flag'), { features: { maxSessions: 8 } });
    for (let i = 0; i < 100; i++) story.show(cleanList(`r${i}`, T0 + i, ['a'], { session: `s${i}` }));
    expect(story.state.conduct.table.size).toBeLessThanOrEqual(8);
  });
});

describe('a checkpoint of a release without rules', () => {
  it('is restored, and sessions are known from there on', async () => {
    const story = storyOf(strict('flag'));
    story.show(cleanList('r', T0, ['a', 'b', 'c', 'd', 'e']));
    for (const item of ['a', 'b', 'c']) story.act(click(T0 + 5, item));
    const captured = captureState(story.state, new Reorder(NO_HOLD, FROM_THE_BEGINNING));
    await completeCapture(captured);
    const older = {
      ...captured,
      sections: captured.sections.filter(({ name }) => !name.startsWith('conduct/') && name !== 'join/flags'),
    };
    const unpacked = await unpackCheckpoint(Buffer.concat((await packCheckpoint(1, older)).chunks));
    const state = emptyStreamState(story.config, keyOf);
    restoreState(unpacked, state);
    expect(state.conduct.table.size).toBe(0);
    state.join.closeAll();
    expect([...takeClosed(state.join, { goal: 'CLICK' }, 0).labels]).toEqual([]);
    expect([...state.join.open.columns.flags.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
  });
});
