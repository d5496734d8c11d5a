import { describe, expect, it, vi } from 'vitest';
import { cleanInteraction, cleanItem, cleanList, T0 } from '../kit.js';
import { Story } from '../story.js';

const ITEMS = 10;
/** Lists of one session or request that are looked through. */
const LISTS = 256;

/** How many places of shown items are looked at to find what an interaction belongs to, among so many lists of one session. */
function looksFor(listCount: number, requestOf: (n: number) => string, names: { readonly requestId?: string }): number {
  const story = new Story({ join: { attributionWindowMs: 1e9, allowedLatenessMs: 1_000, maxOpenImpressions: 1e6 } });
  const items = Array.from({ length: ITEMS }, (_, i) => cleanItem(`item-${i}`, i + 1));
  for (let n = 0; n < listCount; n++)
    story.show(
      cleanList(
        requestOf(n),
        T0 + n,
        items.map((item) => ({ ...item, position: item.position + n * ITEMS })),
      ),
    );
  const { join, features } = story.state;
  const look = vi.spyOn(join.open, 'slot');
  const interaction = cleanInteraction('CLICK', T0 + listCount, 'never shown', names);
  expect(join.find(interaction, features.sessionKeyOf(interaction.session))).toBeUndefined();
  const count = look.mock.calls.length;
  look.mockRestore();
  return count;
}

describe('what it costs to find an impression', () => {
  it.each([
    ['session', (n: number) => `request-${n}`, {}],
    ['request', () => 'one request', { requestId: 'one request' }],
  ] as const)('of one %s is bounded, however many lists it has', (_, requestOf, names) => {
    expect(looksFor(20, requestOf, names)).toBe(20 * ITEMS);
    expect(looksFor(LISTS + 1, requestOf, names)).toBe(LISTS * ITEMS);
    expect(looksFor(8 * LISTS, requestOf, names)).toBe(LISTS * ITEMS);
  });

  it('of another session does not grow with the lists of this one', () => {
    const ownRequest = (n: number): string => `request-${n}`;
    expect(looksFor(2_000, ownRequest, { requestId: 'a request that was never shown' })).toBe(0);
  });
});
