import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configSchema, type Config } from '../../../src/config/schema.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import type { CleanList } from '../../../src/pipeline/admitted.js';
import { featureSetOf } from '../../../src/pipeline/features/feature-set.js';
import { Features } from '../../../src/pipeline/features/features.js';
import { keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import type { CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanItem, cleanList, keyOf, T0 } from '../kit.js';

const SMOOTHING = 4;
const HALF_LIFE_MS = 60_000;
const FIRST_PRIOR = 0.03;

/** Columns of declared features alone, and what tells them of lists. */
class Told {
  readonly config: Config;
  readonly features: Features;
  readonly names: readonly string[];
  private readonly reader: DeclaredReader;

  constructor(...declared: readonly object[]) {
    const all = configSchema.parse({ features: { omit: [], declared } });
    const own = keptColumns(all.features).slice(keptColumns({ omit: [], declared: [] }).length);
    this.names = own.map(({ name }) => name);
    const omit = keptColumns({ omit: [], declared: [] }).map(({ name }) => name);
    this.config = configSchema.parse({
      features: { omit, declared, smoothing: SMOOTHING, longHalfLifeMs: HALF_LIFE_MS },
    });
    this.features = new Features(this.config, keyOf);
    this.reader = new DeclaredReader(this.config.features.declared, 'auto');
  }

  /** Shows a list of raw items; its rows by column name, item by item. */
  show(
    items: readonly object[],
    timeMs: number,
    list: object = {},
    who: Partial<CleanList> = {},
  ): Record<string, number>[] {
    const shown = this.listOf(items, timeMs, list, who);
    this.features.locate(shown, timeMs, () => undefined);
    const { width } = this.features;
    const rows = new Float32Array(items.length * width);
    this.features.write(shown, timeMs, rows);
    this.features.shown(shown, timeMs);
    return items.map((_, i) =>
      Object.fromEntries(this.names.map((name, at) => [name, rows[i * width + at]!] as const)),
    );
  }

  listOf(items: readonly object[], timeMs: number, list: object = {}, who: Partial<CleanList> = {}): CleanList {
    return cleanList(
      'r',
      timeMs,
      items.map((item, i) =>
        cleanItem(`i${i}`, i + 1, { ...item, declared: this.reader.read({ ...list, items }, item, timeMs) } as object),
      ),
      who,
    );
  }

  click(items: readonly object[], timeMs: number, index: number, list: object = {}): void {
    const shown = this.listOf(items, timeMs, list);
    this.features.locate(shown, timeMs, () => undefined);
    this.features.clicked(this.features.retained(shown, new Float64Array(items.length).fill(1)), index, timeMs);
  }

  state(): Record<string, CapturedColumns> {
    return Object.fromEntries(Object.entries(this.features.tables()).map(([name, part]) => [name, part.capture()]));
  }
}

describe('declared features', () => {
  it('are columns behind the others, and their settings change the feature set', () => {
    const config = (declared: readonly object[]): Config => configSchema.parse({ features: { declared } });
    const text = (declared: readonly object[]): string => {
      let facts = '';
      featureSetOf(config(declared), 'e', (given) => (facts = given));
      return facts;
    };
    const plain = { name: 'score', from: 'items.score', kind: 'number' };
    expect(keptColumns(config([plain]).features).at(-1)).toMatchObject({ name: 'score', unit: 'as sent' });
    expect(text([plain])).not.toBe(text([]));
    expect(text([{ ...plain, clip: [0, 1] }])).not.toBe(text([plain]));
    expect(text([])).toBe(text([]));
  });

  it('of one name are refused, like one that a column has already', () => {
    const named = (name: string): object => ({ name, from: 'items.x', kind: 'number' });
    const columns = (...declared: readonly object[]): unknown =>
      keptColumns(configSchema.parse({ features: { declared } }).features);
    expect(() => columns(named('position'))).toThrow(/position/);
    expect(() => columns(named('x'), named('x'))).toThrow(/two columns would be called x/);
    expect(() =>
      columns({ name: 'v', from: 'items.v', kind: 'vector', dimension: 4_096, as: ['values'] }, named('w')),
    ).toThrow(/4097/);
  });

  it('compare numbers with the list', () => {
    const told = new Told({ name: 'x', from: 'items.x', kind: 'number', inList: ['rank', 'ratio', 'difference'] });
    const rows = told.show([{ x: 1 }, { x: 3 }, {}, { x: 2 }], T0);
    expect(rows.map(({ x }) => x)).toEqual([1, 3, NaN, 2]);
    expect(rows.map(({ xLessList }) => xLessList)).toEqual([-1, 1, NaN, 0]);
    const whole = told.show([{ x: 1 }, { x: 3 }], T0);
    expect(whole.map(({ xRank, xToList }) => [xRank, xToList])).toEqual([
      [0, 0.5],
      [1, 1.5],
    ]);
  });

  it('count categories by value, halving over their half-life and smoothed towards the surface', () => {
    const told = new Told({ name: 'brand', from: 'items.brand', kind: 'category', shown: true, oneHot: 3 });
    const items = [{ brand: 'a' }, { brand: ['a', 'b'] }, {}];
    const [first] = told.show(items, T0);
    expect(first!['brandShown']).toBe(0);
    expect(first!['brandRate']).toBeCloseTo(FIRST_PRIOR, 6);
    told.click(items, T0, 0);
    // One half-life later: a was shown twice and clicked once, b shown once; the surface 3 shown and 1 clicked… halved.
    const [a, ab, none] = told.show(items, T0 + HALF_LIFE_MS);
    const prior = (0.5 + SMOOTHING * FIRST_PRIOR) / (1.5 + SMOOTHING);
    const rate = (clicked: number, shown: number): number => (clicked + SMOOTHING * prior) / (shown + SMOOTHING);
    expect(a!['brandShown']).toBe(1);
    expect(a!['brandRate']).toBeCloseTo(rate(0.5, 1), 6);
    expect(ab!['brandShown']).toBe(1.5);
    expect(ab!['brandRate']).toBeCloseTo((rate(0.5, 1) + rate(0, 0.5)) / 2, 6);
    expect([none!['brandRate'], none!['brand0']]).toEqual([NaN, NaN]);
    for (const row of [a!, ab!]) expect(row['brand0']! + row['brand1']! + row['brand2']!).toBeGreaterThanOrEqual(1);
    expect(a!['brand0']! + a!['brand1']! + a!['brand2']!).toBe(1);
  });

  it('keep no counters for a category that is only hashed', () => {
    const told = new Told({ name: 'brand', from: 'items.brand', kind: 'category', rate: false, oneHot: 4 });
    told.show([{ brand: 'a' }], T0);
    expect(told.state()).toEqual({});
  });

  it('take a click on what was shown while a category was still counted, and count nothing', () => {
    const brand = { name: 'brand', from: 'items.brand', kind: 'category', oneHot: 4 };
    const counted = new Told(brand);
    const shown = counted.listOf([{ brand: 'a' }], T0);
    counted.features.locate(shown, T0, () => undefined);
    const open = counted.features.retained(shown, Float64Array.of(1));
    expect(open.items[0]!.declaredKeys).toHaveLength(1);
    const hashed = new Told({ ...brand, rate: false });
    hashed.features.clicked(open, 0, T0);
    expect(hashed.state()).toEqual({});
  });

  it('compare vectors with the list, the query and what the session acted on', () => {
    const told = new Told({
      name: 'v',
      from: 'items.vectors.image',
      kind: 'vector',
      dimension: 2,
      as: ['values', 'list', 'query', 'interest', 'projection'],
      projection: 3,
      query: 'wanted',
    });
    const items = [
      { vectors: [{ name: 'image', values: [3, 4] }] },
      { vectors: [{ name: 'image', values: [2, 0] }] },
      {},
    ];
    const [a, b, none] = told.show(items, T0, { wanted: [0, 1] });
    expect([a!['v0'], a!['v1']]).toEqual([3, 4]);
    // Mean of the unit vectors (0.6, 0.8) and (1, 0), up to its length: (1.6, 0.8).
    const length = Math.hypot(1.6, 0.8);
    expect(a!['vList']).toBeCloseTo((0.6 * 1.6 + 0.8 * 0.8) / length, 5);
    expect(b!['vList']).toBeCloseTo(1.6 / length, 5);
    expect(a!['vQuery']).toBeCloseTo(0.8, 6);
    expect(a!['vInterest']).toBeNaN();
    expect(Object.values(none!).every(Number.isNaN)).toBe(true);
    for (const name of ['vProjection0', 'vProjection1', 'vProjection2'])
      expect([7, 1].map((sum) => Math.fround(sum / Math.SQRT2))).toContain(Math.abs(a![name]!));
    told.features.acted(cleanInteraction('CLICK', T0 + 1, 'i1'), undefined, true, T0 + 1);
    const [later] = told.show(items, T0 + 2);
    expect(later!['vInterest']).toBeCloseTo(0.6, 6);
  });

  it('compare vectors with the decayed mean of all that the user acted on, in any session', () => {
    const HALF_LIFE_MS = 10_000;
    const act = fc.record({ item: fc.nat(3), user: fc.option(fc.nat(1)), session: fc.nat(1), afterMs: fc.nat(8_000) });
    const vectors = [
      [3, 4],
      [2, 0],
      [0, -1],
      [0, 0],
    ];
    const items = vectors.map((v) => ({ v }));
    const declaration = { name: 'v', from: 'items.v', kind: 'vector', dimension: 2, as: ['taste'] };
    fc.assert(
      fc.property(fc.array(act, { minLength: 1, maxLength: 12 }), (acts) => {
        const told = new Told({ ...declaration, tasteHalfLifeMs: HALF_LIFE_MS });
        expect(told.show(items, T0).every(({ vTaste }) => Number.isNaN(vTaste))).toBe(true);
        let nowMs = T0;
        const timed = acts.map(({ item, user, session, afterMs }) => {
          nowMs += afterMs;
          const who = { session: `s${session}`, user: user === null ? null : `u${user}` };
          told.features.acted(cleanInteraction('CLICK', nowMs, `i${item}`, who), undefined, true, nowMs);
          return { item, nowMs, who };
        });
        for (const who of [...timed.map((one) => one.who), { session: 's9', user: null }]) {
          const own = timed.filter((one) =>
            who.user === null ? one.who.user === null && one.who.session === who.session : one.who.user === who.user,
          );
          const sum = [0, 1].map((at) =>
            own.reduce((total, one) => {
              const vector = vectors[one.item]!;
              const length = Math.hypot(...vector) || 1;
              return total + (2 ** ((one.nowMs - nowMs) / HALF_LIFE_MS) * vector[at]!) / length;
            }, 0),
          );
          const found = told.show(items, nowMs, {}, who);
          found.forEach(({ vTaste }, i) => {
            const [a, b] = vectors[i]!;
            const norms = Math.hypot(a!, b!) * Math.hypot(...sum);
            // Opposite vectors sum up to nearly nothing: where that points is rounding.
            if (Math.hypot(...sum) > 1e-4 && norms > 0)
              expect(vTaste).toBeCloseTo((a! * sum[0]! + b! * sum[1]!) / norms, 3);
            else if (own.length === 0 || norms === 0) expect(vTaste).toBeNaN();
          });
        }
      }),
    );
  });

  it('that an attribute or context field is declared leaves it out of the counted ones', () => {
    const rateOf = (declared: readonly object[], attributes: Record<string, string>): number => {
      const config = configSchema.parse({ features: { omit: [], declared } });
      const features = new Features(config, keyOf);
      const at = keptColumns(config.features).findIndex(({ name }) => name === 'attributeRateMean');
      const list = cleanList('r', T0, [cleanItem('i', 1, { attributes })]);
      features.locate(list, T0, () => undefined);
      const row = new Float32Array(features.width);
      features.write(list, T0, row);
      return row[at]!;
    };
    const score = { name: 'score', from: 'items.attributes.score', kind: 'number' };
    expect(rateOf([], { score: '1.25' })).toBeCloseTo(FIRST_PRIOR, 6);
    expect(rateOf([score], { score: '1.25' })).toBeNaN();
    expect(rateOf([score], { score: '1.25', colour: 'red' })).toBeCloseTo(FIRST_PRIOR, 6);
  });

  it('go on after a restore as if there had been none', () => {
    const declared = [
      { name: 'brand', from: 'items.brand', kind: 'category', shown: true, halfLifeMs: 5_000 },
      { name: 'page', from: 'page', kind: 'category' },
      { name: 'v', from: 'items.v', kind: 'vector', dimension: 2, as: ['interest', 'taste'], tasteHalfLifeMs: 7_000 },
    ];
    const item = fc.record({
      brand: fc.constantFrom('a', 'b', 'c'),
      v: fc.tuple(fc.float({ min: -1, max: 1, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })),
    });
    const events = fc.array(
      fc.record({
        items: fc.array(item, { minLength: 1, maxLength: 4 }),
        page: fc.constantFrom('x', 'y'),
        clicked: fc.boolean(),
        acted: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    );
    const live = (
      told: Told,
      told_: readonly (typeof events extends fc.Arbitrary<infer T> ? T : never)[number][],
      from: number,
    ): unknown[] =>
      told_.map(({ items, page, clicked, acted }, i) => {
        const nowMs = T0 + 1_000 * (from + i);
        const rows = told.show(items, nowMs, { page });
        if (clicked) told.click(items, nowMs, 0, { page });
        if (acted) told.features.acted(cleanInteraction('CLICK', nowMs, 'i0'), undefined, true, nowMs);
        return rows;
      });
    fc.assert(
      fc.property(events, events, (before, after) => {
        const unbroken = new Told(...declared);
        const broken = new Told(...declared);
        live(unbroken, before, 0);
        live(broken, before, 0);
        const state = broken.state();
        const restored = new Told(...declared);
        for (const [name, part] of Object.entries(restored.features.tables())) part.restore(state[name]!);
        expect(live(restored, after, before.length)).toEqual(live(unbroken, after, before.length));
      }),
      { numRuns: 60 },
    );
  });
});
