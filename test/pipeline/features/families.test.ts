import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CleanList } from '../../../src/pipeline/admitted.js';
import { Features } from '../../../src/pipeline/features/features.js';
import { float64Of, type CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanItem, cleanList, configOf, keyOf, T0 } from '../kit.js';
import { list, stream, vectorOf } from './streams.js';

const config = configOf({
  features: { omit: [], shortHalfLifeMs: 60_000, longHalfLifeMs: 600_000, smoothing: 5 },
});
const made = (): Features => new Features(config, keyOf);

/** Lives through a list; its rows are written only when asked for. */
function show(features: Features, list: CleanList, isWritten: boolean): void {
  features.locate(list, list.eventTimeMs, vectorOf);
  if (isWritten) features.write(list, list.eventTimeMs, new Float32Array(list.items.length * features.width));
  features.shown(list, list.eventTimeMs);
}

const captured = (features: Features): Record<string, CapturedColumns> =>
  Object.fromEntries(Object.entries(features.tables()).map(([name, part]) => [name, part.capture()]));

const lastList = list.map(({ items, ...rest }) =>
  cleanList(
    'last',
    T0 + 10_000_000,
    items.map(({ itemId, ...facts }, at) => cleanItem(itemId, at + 1, facts)),
    rest,
  ),
);

/** How many keys of a kind an impression stands under. */
function clickedUnder(kind: string, { context, items }: CleanList, index: number): number {
  const { attributes, category } = items[index]!;
  if (kind === 'context') return Object.keys(context).length;
  if (kind === 'attribute') return Object.keys(attributes ?? {}).length;
  return kind === 'category' && category === null ? 0 : 1;
}

describe('the families of columns', () => {
  it('are left in one state by a list whether its rows are written or not', () => {
    fc.assert(
      fc.property(stream, (events) => {
        const [written, passed] = [made(), made()];
        for (const [features, isWritten] of [
          [written, true],
          [passed, false],
        ] as const)
          for (const event of events) {
            if ('list' in event) show(features, event.list, isWritten);
            else features.acted(event.interaction, undefined, false, event.interaction.eventTimeMs);
          }
        expect(captured(passed)).toEqual(captured(written));
      }),
      { numRuns: 60 },
    );
  });

  it('change no state while rows are written', () => {
    fc.assert(
      fc.property(stream, lastList, (events, last) => {
        const features = made();
        for (const event of events) if ('list' in event) show(features, event.list, true);
        features.locate(last, last.eventTimeMs, vectorOf);
        const before = captured(features);
        features.write(last, last.eventTimeMs, new Float32Array(last.items.length * features.width));
        expect(captured(features)).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });

  it('find by its click what was shown: every key that it counts under has an impression', () => {
    fc.assert(
      fc.property(lastList, fc.nat(), (last, nth) => {
        const features = made();
        show(features, last, true);
        const index = nth % last.items.length;
        const act = cleanInteraction('CLICK', last.eventTimeMs, last.items[index]!.itemId, {
          session: last.session,
          user: last.user,
        });
        const retained = features.retained(last, new Float64Array(last.items.length));
        features.acted(act, { list: retained, index }, true, last.eventTimeMs);
        features.clicked(retained, index, last.eventTimeMs);
        let tables = 0;
        for (const [name, columns] of Object.entries(captured(features))) {
          const shown = float64Of(columns, 'shown~600000');
          const clicked = float64Of(columns, 'clicked CLICK~600000');
          if (clicked.length === 0) continue;
          clicked.forEach((count, entry) => expect(count > 0 && shown[entry] === 0, name).toBe(false));
          const total = clicked.reduce((sum, count) => sum + count, 0);
          expect(total, name).toBe(clickedUnder(name, last, index));
          tables++;
        }
        expect(tables).toBeGreaterThanOrEqual(9);
      }),
      { numRuns: 100 },
    );
  });
});
