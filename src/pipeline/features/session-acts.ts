import type { Builder, ColumnFamily } from './definitions.js';
import { Filled, type Values } from './values.js';

/** What the session did with the items of the list, against each other and against its last interaction. */
export const sessionActs = (builder: Builder): ColumnFamily<'share' | 'above' | 'idleGap'> => {
  const sessions = builder.table('session');
  const pairs = builder.table('sessionItem');
  const filled = (into: (values: Float64Array, count: number) => void): Values => builder.add(new Filled(into));
  return {
    values: (name) => {
      switch (name) {
        case 'share': {
          const steps = sessions.count('acted');
          const acted = pairs.count('acted');
          return filled((values, count) => {
            let total = 0;
            if (steps.values[sessions.entries[0]!]! > 0)
              for (let i = 0; i < count; i++) total += acted.values[pairs.entries[i]!]!;
            for (let i = 0; i < count; i++) values[i] = total > 0 ? acted.values[pairs.entries[i]!]! / total : NaN;
          });
        }
        case 'above': {
          const acted = pairs.count('acted');
          return filled((values, count) => {
            for (let i = 0, above = 0; i < count; i++) {
              values[i] = above;
              if (acted.values[pairs.entries[i]!]! > 0) above++;
            }
          });
        }
        case 'idleGap': {
          const last = sessions.lastMs('acted');
          const pairLast = pairs.lastMs('acted');
          return filled((values, count) => {
            const lastMs = last.values[sessions.entries[0]!]!;
            for (let i = 0; i < count; i++) {
              const pairMs = pairLast.values[pairs.entries[i]!]!;
              values[i] = pairMs > 0 ? Math.max(0, lastMs - pairMs) / 1000 : NaN;
            }
          });
        }
      }
    },
  };
};
