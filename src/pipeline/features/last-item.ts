import type { CleanList } from '../admitted.js';
import type { ShownItem } from '../shown.js';
import type { Builder, ColumnFamily } from './definitions.js';
import { Filled, type Values } from './values.js';

/** The item that the session acted on last, and where in the list it stands. */
export class LastItem implements ColumnFamily<'is' | 'position'> {
  /** False before the session acted on anything. */
  isKnown = false;
  /** Place of the last item's position in this list; NaN: it is not in it. */
  position = NaN;
  private readonly sessions;
  private readonly steps;
  private readonly last;

  constructor(private readonly builder: Builder) {
    this.sessions = builder.table('session');
    this.steps = this.sessions.count('acted');
    this.last = this.sessions.plain('last item');
  }

  /** True when the list's `i`-th item is the one. */
  is(i: number): boolean {
    return this.isKnown && this.builder.keys.items[i] === this.last.values[this.sessions.entries[0]!];
  }

  locate({ items }: CleanList): void {
    this.isKnown = this.steps.values[this.sessions.entries[0]!]! > 0;
    this.position = NaN;
    if (!this.isKnown) return;
    for (let i = 0; i < items.length; i++) if (this.is(i)) this.position = items[i]!.position;
  }

  acted(): void {
    this.last.values[this.sessions.eventEntry] = this.builder.event.items[0]!;
  }

  values(name: 'is' | 'position'): Values {
    return this.builder.add(
      new Filled((values, count) => {
        if (name === 'position') values.fill(this.position, 0, count);
        else for (let i = 0; i < count; i++) values[i] = this.is(i) ? 1 : 0;
      }),
    );
  }
}

export const lastItem = (builder: Builder): LastItem => new LastItem(builder);

/** Position of the session's last click; missing before the first. */
export const lastClick = (builder: Builder): ColumnFamily<'position'> => {
  const sessions = builder.table('session');
  const last = sessions.plain(`position of the last ${builder.settings.goal}`);
  return {
    values: () =>
      builder.add(
        new Filled((values, count) => {
          const position = last.values[sessions.entries[0]!]!;
          values.fill(position > 0 ? position : NaN, 0, count);
        }),
      ),
    acted: (item: ShownItem | undefined, reached: boolean) => {
      if (reached && item) last.values[sessions.eventEntry] = item.position;
    },
  };
};
