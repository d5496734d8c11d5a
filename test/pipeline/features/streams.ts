import fc from 'fast-check';
import type { CleanInteraction, CleanList } from '../../../src/pipeline/admitted.js';
import { cleanInteraction, cleanItem, cleanList, hash32, T0 } from '../kit.js';
import type { Story } from '../story.js';

/** A unit vector that is a hash of the text. */
export function vectorOf(text: string): Float32Array {
  const values = Float32Array.from({ length: 8 }, (_, i) => hash32(text, i) / 4_294_967_296 - 0.5);
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

export type Event = { readonly list: CleanList } | { readonly interaction: CleanInteraction };

const item = fc.record({
  itemId: fc.constantFrom('a', 'b', 'c', 'd'),
  text: fc.constantFrom('', 'red shoe', 'blue shoe', 'lamp'),
  category: fc.constantFrom(null, 'x', 'y'),
  price: fc.constantFrom(null, 0, 10, 20, 50),
  attributes: fc.constantFrom(null, {}, { stars: '3' }, { stars: '4', pool: 'yes' }),
});
export const list = fc.record({
  items: fc.array(item, { minLength: 1, maxLength: 5 }),
  surface: fc.constantFrom('SEARCH' as const, 'AD' as const),
  session: fc.constantFrom('s1', 's2'),
  user: fc.constantFrom(null, 'u'),
  query: fc.constantFrom('', 'shoe'),
  context: fc.constantFrom({}, { device: 'mobile' }, { device: 'tablet', city: 'z' }),
});
const act = fc.record({
  type: fc.constantFrom('VIEW' as const, 'CLICK' as const, 'PURCHASE' as const),
  itemId: fc.constantFrom('a', 'b', 'c', 'd', 'unseen'),
  session: fc.constantFrom('s1', 's2'),
  user: fc.constantFrom(null, 'u'),
});
/** A stream in the order of its turns. */
export const stream: fc.Arbitrary<readonly Event[]> = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 40_000 }),
      fc.oneof({ weight: 2, arbitrary: list }, { weight: 3, arbitrary: act }),
    ),
    { minLength: 1, maxLength: 40, size: 'max' },
  )
  .map((steps) => {
    let nowMs = T0;
    return steps.map(([gapMs, step], i): Event => {
      nowMs += gapMs;
      if ('items' in step) {
        const items = step.items.map(({ itemId, ...rest }, at) => cleanItem(itemId, at + 1, rest));
        return {
          list: cleanList(`r${i}`, nowMs, items, {
            surface: step.surface,
            session: step.session,
            user: step.user,
            query: step.query,
            context: step.context,
          }),
        };
      }
      const { itemId, ...rest } = step;
      return { interaction: cleanInteraction(step.type, nowMs, itemId, rest) };
    });
  });

/** Tells a story in the order of its turns. */
export function tell(story: Story, events: readonly Event[]): void {
  for (const event of events) {
    if ('list' in event) story.show(event.list);
    else story.act(event.interaction);
  }
}
