import { describe, expect, it } from 'vitest';
import type { CleanInteraction, CleanList } from '../../../src/pipeline/admitted.js';
import { strength } from '../../../src/events/strength.js';
import { underAnotherKey } from '../../../src/pipeline/stream-state.js';
import { T0 } from '../kit.js';
import { Story } from '../story.js';

const list = (
  requestId: string,
  session: string,
  items: readonly string[],
  rest: Partial<CleanList> = {},
): CleanList => ({
  requestId,
  eventTimeMs: T0,
  surface: 'SEARCH',
  session,
  user: null,
  query: '',
  context: {},
  items: items.map((itemId, index) => ({
    itemId,
    position: index + 1,
    impressionId: null,
    text: '',
    category: null,
    price: null,
    propensity: null,
    attributes: null,
  })),
  ...rest,
});
let clicks = 0;
const click = (rest: Partial<CleanInteraction>): CleanInteraction => ({
  interactionId: `c${clicks++}`,
  eventTimeMs: T0 + 1_000,
  type: 'CLICK',
  session: 's',
  user: null,
  itemId: 'a',
  requestId: 'r',
  impressionId: null,
  value: 0,
  dwellMs: null,
  ...rest,
});
const codes = (story: Story): string[] => story.followed.deadLetters.map(({ code }) => code);

describe('an interaction that cannot be', () => {
  it.each([
    ['impossibleOtherSession', { session: 'attacker' }],
    ['impossibleOtherSession', { session: 'attacker', requestId: null, impressionId: 'r#1' }],
    ['impossibleOtherItem', { impressionId: 'r#1', itemId: 'zzz' }],
    ['impossibleBeforeShown', { eventTimeMs: T0 - 50_000 }],
  ] as const)('is no label, and is counted: %s %j', (count, rest) => {
    const story = new Story();
    const first = story.show(list('r', 's', ['a', 'b']));
    story.actAt(T0 + 1_000, click(rest));
    expect(story.impression(first).rank).toBe(-1);
    expect(story.counts).toMatchObject({ [count]: 1, interactionsUnmatched: 1, interactionsJoined: 0 });
  });

  it('the same user in another session, and a clock that differs a little, can be', () => {
    const story = new Story();
    const first = story.show(list('r', 's', ['a', 'b'], { user: 'u' }));
    story.actAt(T0, click({ session: 'later', user: 'u' }));
    story.actAt(T0, click({ eventTimeMs: T0 - 5_000 }));
    expect(story.impression(first).rank).toBe(2);
    expect(story.counts).toMatchObject({ interactionsJoined: 2, impossibleOtherSession: 0, impossibleBeforeShown: 0 });
  });

  it('that waited for its impression is judged when that comes', () => {
    const story = new Story();
    story.actAt(T0, click({ session: 'attacker', eventTimeMs: T0 - 1 }));
    const first = story.show(list('r', 's', ['a']));
    expect(story.impression(first).rank).toBe(-1);
    expect(story.counts).toMatchObject({ impossibleOtherSession: 1, interactionsUnmatched: 1 });
  });

  it('values that would sum to infinity stay finite', () => {
    const story = new Story();
    const first = story.show(list('r', 's', ['a']));
    for (const value of [1e308, 1e308, 1e308]) story.act(click({ value }));
    expect(story.impression(first).value).toBe(Number.MAX_VALUE);
  });
});

describe('impressions of one identity', () => {
  const given = (id: string) => ({ items: [{ ...list('x', 's', ['z']).items[0]!, impressionId: id }] });

  it.each([
    ['one request id in two sessions', list('r', 's2', ['a', 'b'])],
    ['another item at the same position', list('r', 's', ['a', 'c'])],
    ['an impression id that reads like the request and position of another', list('r2', 's', [], given('r#2'))],
  ])('%s: the second list is a dead letter, and counted', (_, second) => {
    const story = new Story();
    story.show(list('r', 's', ['a', 'b']));
    story.show(second);
    expect(codes(story)).toEqual(['impressions-collide']);
    expect(story.counts).toMatchObject({ impressionsDeadLettered: second.items.length, impressionsDuplicate: 0 });
    expect(story.state.join.open.end).toBe(2);
  });

  it('one impression id for two impressions, whichever came first, is a dead letter', () => {
    const story = new Story();
    story.show(list('r1', 's', [], given('r#1')), list('r', 's', ['a']), list('r3', 's', [], given('r#1')));
    expect(codes(story)).toEqual(['impressions-collide']);
    expect(story.counts).toMatchObject({ impressionsDeadLettered: 1, impressionsDuplicate: 1 });
  });

  it('the same list again is a duplicate, and so is the same with more items but for those', () => {
    const story = new Story();
    story.show(list('r', 's', ['a', 'b']), list('r', 's', ['a', 'b']), list('r', 's', ['a', 'b', 'c']));
    expect(codes(story)).toEqual([]);
    expect(story.counts).toMatchObject({ impressionsDuplicate: 4, impressionsDeadLettered: 0 });
    expect(story.state.join.open.end).toBe(3);
  });

  it('is not told by the session where one of the two has a pseudonym of a key that was replaced', () => {
    const story = new Story();
    const first = story.show(list('r', 's', ['a']));
    story.actAt(T0 + 500, click({ requestId: 'r2' }));
    underAnotherKey(story.state);
    story.actAt(T0 + 1_000, click({ session: 's of the new key' }));
    const next = story.show(list('r2', 's of the new key', ['a']));
    story.actAt(T0 + 1_100, click({ session: 's of the new key', itemId: 'zzz', impressionId: 'r#1' }));
    story.actAt(T0 + 1_200, click({ session: 'attacker', requestId: 'r2' }));
    expect([first, next].map((at) => story.impression(at).rank)).toEqual([1, 1].map(() => strength('CLICK')));
    expect(story.counts).toMatchObject({ interactionsJoined: 2, impossibleOtherItem: 1, impossibleOtherSession: 1 });
  });
});
