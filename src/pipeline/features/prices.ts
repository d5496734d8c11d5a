import type { CleanList } from '../admitted.js';
import type { ShownItem } from '../shown.js';
import type { Builder, ColumnFamily } from './definitions.js';
import { rankAmong } from './rank.js';
import { Filled, type Values } from './values.js';

/** The prices of a list against each other; missing ones do not count. */
export const listPrices = (builder: Builder): ColumnFamily<'rank' | 'median' | 'cheapest'> => {
  let room = new Float64Array(64);
  let known = room.subarray(0, 0);
  builder.add(
    new Filled((_values, count, { items }) => {
      if (count > room.length) room = new Float64Array(2 * count);
      let found = 0;
      for (let i = 0; i < count; i++) {
        const { price } = items[i]!;
        if (price !== null) room[found++] = price;
      }
      known = room.subarray(0, found).sort();
    }),
  );
  const same = (of: () => number): Values => builder.add(new Filled((values, count) => values.fill(of(), 0, count)));
  return {
    values: (name) => {
      switch (name) {
        case 'median':
          return same(() => medianOf(known));
        case 'cheapest':
          return same(() => known[0] ?? NaN);
        case 'rank':
          return builder.add(
            new Filled((values, count, { items }) => {
              for (let i = 0; i < count; i++) {
                const { price } = items[i]!;
                values[i] = known.length > 1 && price !== null ? rankAmong(known, price) : NaN;
              }
            }),
          );
      }
    },
  };
};

/** The mean price of what the session acted on, as far as it was shown in a list with a price. */
export const sessionPrices = (builder: Builder): ColumnFamily<'mean'> => {
  const sessions = builder.table('session');
  const sum = sessions.plain('sum of prices');
  const count = sessions.plain('count of prices');
  return {
    values: () =>
      builder.add(
        new Filled((values, length) => {
          const session = sessions.entries[0]!;
          const known = count.values[session]!;
          values.fill(known > 0 ? sum.values[session]! / known : NaN, 0, length);
        }),
      ),
    acted: (item) => {
      if (!item || item.price === null || item.price <= 0) return;
      sum.values[sessions.eventEntry]! += item.price;
      count.values[sessions.eventEntry]! += 1;
    },
  };
};

/** The price of the item that the session acted on last. */
export const lastPrice = (builder: Builder): ColumnFamily<'price'> => {
  const sessions = builder.table('session');
  const items = builder.table('item');
  const last = sessions.plain('price of the last');
  const usual = items.average('price');
  return {
    values: () =>
      builder.add(new Filled((values, count) => values.fill(last.values[sessions.entries[0]!]! || NaN, 0, count))),
    acted: (item: ShownItem | undefined) => {
      // Most interactions name no impression; what the item was shown at elsewhere stands in for its price.
      const price = item ? (item.price ?? 0) : usual.values[items.eventEntry]!;
      if (price > 0) last.values[sessions.eventEntry] = price;
    },
  };
};

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The price of an item; NaN where it has none. */
export function priceOf({ price }: CleanList['items'][number]): number {
  return price ?? NaN;
}
