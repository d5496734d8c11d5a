import type { CleanList } from '../../admitted.js';
import { type Definition, part } from '../definitions.js';
import { Filled } from '../values.js';

/**
 * How usual the values of an item's category are in its list: the sum of the shares that they have of all values of the
 * first `top` items. Missing where the item has none.
 */
export const listShare = (kind: 'share', at: number, top: number): Definition =>
  part(
    (builder) => ({
      values: () =>
        builder.add(
          new Filled((values, count, list) => {
            const counts = countsOf(list, at, top);
            let total = 0;
            for (const times of counts.values()) total += times;
            for (let i = 0; i < count; i++) {
              const own = list.items[i]!.declared?.categories[at] ?? [];
              let of = 0;
              for (const value of own) of += counts.get(value) ?? 0;
              values[i] = own.length === 0 ? NaN : total === 0 ? 0 : of / total;
            }
          }),
        ),
    }),
    kind,
  );

function countsOf({ items }: CleanList, at: number, top: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < Math.min(items.length, top); i++)
    for (const value of items[i]!.declared?.categories[at] ?? []) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
