import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { featureSetOf } from '../../../src/pipeline/features/feature-set.js';
import { Features, shapeOf } from '../../../src/pipeline/features/features.js';
import { keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import { cleanInteraction, cleanItem, cleanList, configOf, keyOf, T0 } from '../kit.js';
import { vectorOf } from './streams.js';

const HALF_LIFE_MS = 10_000;
const TEXTS = ['red shoe', 'blue shoe', 'lamp', ''];
const config = configOf({ features: { text: { taste: true, tasteHalfLifeMs: HALF_LIFE_MS } } });
const AT = keptColumns(config.features).findIndex(({ name }) => name === 'textTaste');

interface Who {
  readonly user: string | null;
  readonly session: string;
}

const list = (who: Who, nowMs: number) =>
  cleanList(
    'r',
    nowMs,
    TEXTS.map((text, i) => cleanItem(`i${i}`, i + 1, { text })),
    who,
  );

/** The column of each text for somebody. */
function tasteOf(features: Features, who: Who, nowMs: number): readonly number[] {
  const rows = new Float32Array(TEXTS.length * features.width);
  features.look(list(who, nowMs), nowMs, vectorOf, rows);
  return TEXTS.map((_, i) => rows[i * features.width + AT]!);
}

const who = fc.record({ user: fc.constantFrom(null, 'u', 'v'), session: fc.constantFrom('s', 't') });
const act = fc.record({ item: fc.nat(TEXTS.length - 1), who, afterMs: fc.nat(8_000) });

describe('the taste of a user in texts', () => {
  it('is the cosine with the decayed sum of what they acted on, in any session and across restarts', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 12, size: 'max' }), (acts) => {
        let features = new Features(config, keyOf);
        let nowMs = T0;
        features.locate(list({ user: null, session: 'x' }, nowMs), nowMs, vectorOf);
        features.shown(list({ user: null, session: 'x' }, nowMs), nowMs);
        const nameOf = ({ user, session }: Who): string => user ?? `session ${session}`;
        const timed = acts.map(({ item, who: by, afterMs }, at) => {
          nowMs += afterMs;
          features.acted(cleanInteraction('CLICK', nowMs, `i${item}`, by), undefined, true, nowMs);
          if (at % 3 === 2) {
            const parts = Object.entries(features.tables()).map(([name, part]) => [name, part.capture()] as const);
            features = new Features(config, keyOf);
            for (const [name, columns] of parts) features.tables()[name]!.restore(columns);
          }
          return { text: TEXTS[item]!, by: nameOf(by), nowMs };
        });
        for (const asks of [...acts.map((one) => one.who), { user: null, session: 'nobody' }]) {
          const own = timed.filter(({ by, text }) => by === nameOf(asks) && text !== '');
          const sum = vectorOf('').map((_, at) =>
            own.reduce((total, one) => total + 2 ** ((one.nowMs - nowMs) / HALF_LIFE_MS) * vectorOf(one.text)[at]!, 0),
          );
          const length = Math.hypot(...sum);
          tasteOf(features, asks, nowMs).forEach((value, i) => {
            const vector = vectorOf(TEXTS[i]!);
            const dot = vector.reduce((total, one, at) => total + one * sum[at]!, 0);
            if (own.length === 0 || TEXTS[i] === '') expect(value).toBeNaN();
            else if (length > 1e-3) expect(value).toBeCloseTo(dot / length, 4);
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('changes the feature set and what is remembered only where it is asked for', () => {
    const idOf = (text: object) => featureSetOf(configOf({ features: { text } }), 'e', (facts) => facts).featureSetId;
    const shape = (text: object) => shapeOf(configOf({ features: { text } }), keyOf);
    expect(shape({ tasteHalfLifeMs: 7 })).toBe(shape({}));
    expect(shape({ taste: true, tasteHalfLifeMs: 7 })).not.toBe(shape({ taste: true }));
    expect(shape({ taste: true })).not.toBe(shape({}));
    expect(keptColumns(configOf({}).features).some(({ name }) => name === 'textTaste')).toBe(false);
    expect(idOf({})).toBe(idOf({ tasteHalfLifeMs: 7 }));
  });
});
