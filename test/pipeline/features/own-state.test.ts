import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Config, configSchema } from '../../../src/config/schema.js';
import { INTERACTION_TYPES, type InteractionType, strength } from '../../../src/events/index.js';
import type { CleanInteraction, CleanList } from '../../../src/pipeline/admitted.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import { featureSetOf } from '../../../src/pipeline/features/feature-set.js';
import { Features } from '../../../src/pipeline/features/features.js';
import { declaredProblem, keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import type { ShownList } from '../../../src/pipeline/shown.js';
import type { CapturedColumns } from '../../../src/pipeline/state/captured.js';
import { cleanInteraction, cleanItem, cleanList, keyOf, T0 } from '../kit.js';
import { pythonWith } from '../../learn/learners/python.js';

const python = pythonWith('json');
const SCRIPT = fileURLToPath(new URL('./python/own_state.py', import.meta.url));
const SMOOTHING = 4;
const LONG_MS = 60_000;

const DECLARED = [
  { name: 'brand', from: 'items.attributes.brand', kind: 'category', rate: false },
  { name: 'country', from: 'context.country', kind: 'category', rate: false },
  { name: 'score', from: 'items.attributes.score', kind: 'number' },
];
const STATE = [
  { name: 'userActs', kind: 'count', by: ['user'], of: 'acted' },
  { name: 'userBrandClicks', kind: 'count', by: ['user', 'brand'], of: 'CLICK', halfLifeMs: 20_000 },
  { name: 'userItemShown', kind: 'count', by: ['user', 'item'], of: 'shown', halfLifeMs: 15_000 },
  { name: 'sessionQueryReached', kind: 'count', by: ['session', 'query'], of: 'reached' },
  { name: 'brandRate', kind: 'rate', by: ['brand'], halfLifeMs: 30_000 },
  { name: 'countryItemRate', kind: 'rate', by: ['country', 'item'] },
  { name: 'queryRate', kind: 'rate', by: ['query'], halfLifeMs: 45_000 },
  { name: 'itemViews', kind: 'window', by: ['item'], of: 'VIEW', windowMs: 25_000 },
  { name: 'queryShownNear', kind: 'window', by: ['query'], of: 'shown', windowMs: 25_000 },
  { name: 'brandClicked', kind: 'window', by: ['brand'], of: 'clicked', windowMs: 10_000 },
  { name: 'brandScore', kind: 'average', by: ['brand'], value: 'score', step: 0.25 },
  { name: 'userPrice', kind: 'average', by: ['user'], value: 'price' },
  { name: 'lastUserScore', kind: 'average', by: ['user'], value: 'score', step: 1 },
  { name: 'brandBought', kind: 'rate', by: ['brand'], of: 'PURCHASE', over: 'CLICK', halfLifeMs: 30_000, smoothing: 2 },
  { name: 'queryActed', kind: 'rate', by: ['query'], of: 'acted' },
  { name: 'itemRateSoft', kind: 'rate', by: ['item'], smoothing: 9 },
  { name: 'userBought', kind: 'rate', by: ['user', 'country'], of: 'PURCHASE', over: 'acted' },
  { name: 'lastBrand', kind: 'last', by: ['user'], value: 'brand', of: 'CLICK' },
  { name: 'lastShownBrand', kind: 'last', by: ['session'], value: 'brand', of: 'shown' },
  { name: 'itemCountry', kind: 'last', by: ['item'], value: 'country', of: 'acted' },
  { name: 'sinceUserBrand', kind: 'since', by: ['user', 'brand'], of: 'acted', unit: 'seconds' },
  { name: 'sinceItemShown', kind: 'since', by: ['item'], of: 'shown', unit: 'minutes' },
  { name: 'sinceSessionPurchase', kind: 'since', by: ['session'], of: 'PURCHASE', unit: 'seconds' },
];

function settings(state: readonly object[] = STATE): Config {
  // The declared number is averaged, and no column of its own.
  const omit = state.length === 0 ? [] : [...keptColumns({ omit: [], declared: [] }).map(({ name }) => name), 'score'];
  return configSchema.parse({
    features: { omit, declared: DECLARED, state, smoothing: SMOOTHING, longHalfLifeMs: LONG_MS },
  });
}

/** One thing that happens, as drawn: numbers choose among what there is. */
const step = fc.record({
  afterMs: fc.nat(9_000),
  isList: fc.boolean(),
  user: fc.option(fc.nat(2)),
  session: fc.nat(2),
  query: fc.nat(2),
  country: fc.option(fc.nat(1)),
  items: fc.array(
    fc.record({
      item: fc.nat(4),
      brand: fc.option(fc.nat(2)),
      score: fc.option(fc.integer({ min: -3, max: 3 })),
      price: fc.option(fc.nat(5)),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  type: fc.constantFrom(...INTERACTION_TYPES),
  target: fc.nat(50),
  isUnknown: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** A stream told to the features; its events as Python reads them, and the rows. */
class Told {
  readonly events: object[] = [];
  readonly rows: Record<string, number | null>[] = [];
  features: Features;
  private readonly reader: DeclaredReader;
  private readonly shown: {
    readonly list: ShownList;
    readonly facts: readonly object[];
    readonly clicked: Set<number>;
  }[] = [];
  private nowMs = T0;

  constructor(readonly config = settings()) {
    this.features = new Features(config, keyOf);
    this.reader = new DeclaredReader(config.features.declared, 'auto');
  }

  tell(one: Step): void {
    this.nowMs += one.afterMs;
    if (one.isList || this.shown.length === 0) this.show(one);
    else this.act(one);
  }

  /** Goes on with new features that take over what these have captured. */
  restart(): void {
    const captured = Object.entries(this.features.tables()).map(([name, part]): [string, CapturedColumns] => [
      name,
      structuredClone(part.capture()),
    ]);
    this.features = new Features(this.config, keyOf);
    const parts = this.features.tables();
    for (const [name, columns] of captured) parts[name]!.restore(columns);
  }

  private show({ user, session, query, country, items }: Step): void {
    const message = { context: { ...(country === null ? {} : { country: `c${country}` }) } };
    const clean = items.map(({ item, brand, score, price }, i) => {
      const attributes = {
        ...(brand === null ? {} : { brand: `b${brand}` }),
        ...(score === null ? {} : { score: String(score) }),
      };
      const declared = this.reader.read(message, { attributes }, this.nowMs);
      return cleanItem(`i${item}`, i + 1, { price, declared } as object);
    });
    const list: CleanList = cleanList('r', this.nowMs, clean, {
      user: user === null ? null : `u${user}`,
      session: `s${session}`,
      query: `q${query}`,
    });
    this.features.locate(list, this.nowMs, () => undefined);
    const { width } = this.features;
    const rows = new Float32Array(items.length * width);
    this.features.write(list, this.nowMs, rows);
    this.features.shown(list, this.nowMs);
    items.forEach((_, i) =>
      this.rows.push(
        Object.fromEntries(
          this.config.features.state.map(({ name }, at) => {
            const value = rows[i * width + at]!;
            return [name, Number.isNaN(value) ? null : value];
          }),
        ),
      ),
    );
    const facts = items.map(({ item, brand, score, price }) => ({
      user: user === null ? `s${session}` : `u${user}`,
      session: `s${session}`,
      query: `q${query}`,
      surface: list.surface,
      country,
      item: `i${item}`,
      brand,
      score,
      price,
    }));
    this.events.push({ is: 'list', time: this.nowMs, items: facts });
    this.shown.push({ list: this.features.retained(list, new Float64Array(items.length)), facts, clicked: new Set() });
  }

  private act({ user, session, items, type, target, isUnknown }: Step): void {
    const isGoal = strength(type) >= strength(this.config.label.goal);
    if (isUnknown) {
      const about = {
        user: user === null ? `s${session}` : `u${user}`,
        session: `s${session}`,
        item: `i${items[0]!.item}`,
      };
      this.interact(about.item, user === null ? null : `u${user}`, about.session, type, undefined, isGoal);
      this.events.push({ is: 'act', time: this.nowMs, type, reached: isGoal, first: false, about });
      return;
    }
    const impression = this.shown[target % this.shown.length]!;
    const index = target % impression.facts.length;
    const facts = impression.facts[index] as { readonly item: string };
    const { list } = impression;
    this.interact(facts.item, list.user, list.session, type, { list, index }, isGoal);
    const first = isGoal && !impression.clicked.has(index);
    if (first) {
      impression.clicked.add(index);
      this.features.clicked(list, index, this.nowMs);
    }
    this.events.push({ is: 'act', time: this.nowMs, type, reached: isGoal, first, about: facts, impression: facts });
  }

  private interact(
    itemId: string,
    user: string | null,
    session: string,
    type: InteractionType,
    impression: { readonly list: ShownList; readonly index: number } | undefined,
    isGoal: boolean,
  ): void {
    const interaction: CleanInteraction = cleanInteraction(type, this.nowMs, itemId, { user, session });
    this.features.acted(interaction, impression, isGoal, this.nowMs);
  }
}

describe('features.state', () => {
  test.skipIf(python === undefined)(
    'every value is what Python computes from the whole history, across restarts',
    () => {
      const [streams] = [fc.sample(fc.array(step, { minLength: 60, maxLength: 60, size: 'max' }), 12)];
      for (const steps of streams) {
        const told = new Told();
        steps.forEach((one, at) => {
          told.tell(one);
          if (at % 17 === 16) told.restart();
        });
        const job = {
          events: told.events,
          columns: told.config.features.state,
          smoothing: SMOOTHING,
          longHalfLifeMs: LONG_MS,
        };
        const { status, stdout, stderr } = spawnSync(python!, [SCRIPT], {
          input: JSON.stringify(job),
          encoding: 'utf8',
          maxBuffer: 1 << 26,
        });
        if (status !== 0) throw new Error(stderr);
        const expected = JSON.parse(stdout) as Record<string, number | null>[];
        expect(told.rows).toHaveLength(expected.length);
        told.rows.forEach((row, at) => {
          for (const { name } of STATE) {
            const [ours, theirs] = [row[name]!, expected[at]![name]!];
            if (theirs === null || ours === null) expect(`${name} ${ours}`).toBe(`${name} ${theirs}`);
            else
              expect(Math.abs(ours - theirs), `${name}: ${ours} is not ${theirs}`).toBeLessThan(
                1e-5 * (1 + Math.abs(theirs)),
              );
          }
        });
      }
    },
  );

  test('a line changes no value of another', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 40, size: 'max' }),
        fc.subarray(STATE, { minLength: 1 }),
        (steps, some) => {
          const rowsOf = (state: readonly object[]) => {
            const told = new Told(settings(state));
            for (const one of steps) told.tell(one);
            return told.rows;
          };
          const whole = rowsOf(STATE);
          rowsOf(some).forEach((row, at) => {
            for (const [name, value] of Object.entries(row)) expect(value, name).toEqual(whole[at]![name]);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a click on what was shown under an earlier declaration counts under the keys that both have', () => {
    const brands = (state: readonly object[]) => {
      const told = new Told(settings(state));
      return told.features;
    };
    const byBoth = { name: 'clicked', kind: 'count', by: ['brand'], of: 'clicked' };
    const before = brands([{ ...byBoth, name: 'other', by: ['country'] }, byBoth]);
    const reader = new DeclaredReader(settings().features.declared, 'auto');
    const declared = reader.read({ context: { country: 'c' } }, { attributes: { brand: 'b' } }, T0);
    const list = cleanList('r', T0, [cleanItem('i', 1, { declared } as object)]);
    before.locate(list, T0, () => undefined);
    const open = JSON.parse(JSON.stringify(before.retained(list, Float64Array.of(1)))) as ShownList;
    const after = brands([byBoth]);
    after.clicked(open, 0, T0);
    after.locate(list, T0, () => undefined);
    const row = new Float32Array(after.width);
    after.write(list, T0, row);
    expect([...row]).toEqual([1]);
  });

  test('the last value has the hash that its category has', () => {
    const declared = [{ name: 'brand', from: 'items.attributes.brand', kind: 'category', rate: false, oneHot: 5 }];
    const state = [{ name: 'last', kind: 'last', by: ['session'], value: 'brand', of: 'shown', oneHot: 5 }];
    const omit = keptColumns({ omit: [], declared: [] }).map(({ name }) => name);
    const config = configSchema.parse({ features: { omit, declared, state } });
    const reader = new DeclaredReader(config.features.declared, 'auto');
    const features = new Features(config, keyOf);
    const names = keptColumns(config.features).map(({ name }) => name);
    let before: readonly number[] | undefined;
    for (const brand of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const read = reader.read({}, { attributes: { brand } }, T0);
      const list = cleanList('r', T0, [cleanItem('i', 1, { declared: read })]);
      features.locate(list, T0, () => undefined);
      const row = new Float32Array(features.width);
      features.write(list, T0, row);
      features.shown(list, T0);
      const hashes = (of: string) => [0, 1, 2, 3, 4].map((bucket) => row[names.indexOf(`${of}${bucket}`)]!);
      expect(hashes('last')).toEqual(before ?? [NaN, NaN, NaN, NaN, NaN]);
      before = hashes('brand');
    }
  });

  test('the declaration is part of the feature set, and its columns stand last', () => {
    const idOf = (config: Config) => featureSetOf(config, 'none', (text) => keyOf(text).toString(16)).featureSetId;
    const [first] = STATE;
    expect(keptColumns(settings([first!]).features).at(-1)).toMatchObject({ name: 'userActs', unit: 'interactions' });
    expect(idOf(settings([first!]))).not.toBe(idOf(settings([{ ...first, of: 'VIEW' }])));
    expect(idOf(settings([]))).not.toBe(idOf(settings([first!])));
  });

  test.each([
    [{ by: ['colour'] }, /colour.*no category/],
    [{ by: ['user', 'user'] }, /names a key twice/],
    [{ name: 'position' }, /two columns would be called position/],
    [{ kind: 'last', value: 'score' }, /userActs is the last score, which is no category/],
    [{ kind: 'average', value: 'brand', of: undefined }, /averages brand; known are price, position, score/],
  ])('%j is refused with its reason', (over, reason) => {
    const config = settings([JSON.parse(JSON.stringify({ ...STATE[0], ...over })) as object]);
    expect(declaredProblem(config.features)).toMatch(reason);
    expect(() => keptColumns(config.features)).toThrow(reason);
  });
});
