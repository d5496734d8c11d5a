import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Config, configSchema } from '../../../src/config/schema.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import { Features } from '../../../src/pipeline/features/features.js';
import { declaredProblem, keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import { pythonWith } from '../../learn/learners/python.js';
import { cleanItem, cleanList, keyOf, T0 } from '../kit.js';

const python = pythonWith('json', 'zoneinfo');
const SCRIPT = fileURLToPath(new URL('./python/extractors.py', import.meta.url));

const COLUMNS = [
  { name: 'titleWords', from: 'items.title', kind: 'number', take: 'words', inList: ['median', 'range'] },
  { name: 'tags', from: 'items.tags', kind: 'number', take: 'size' },
  ...['first', 'last', 'min', 'max', 'mean', 'sum', 'norm'].map((take) => ({
    name: take,
    from: 'items.sizes',
    kind: 'number',
    take,
  })),
  ...['timeOfDay', 'dayOfWeek', 'dayOfMonth', 'month', 'year'].flatMap((take) => [
    { name: `${take}Local`, from: 'local', kind: 'number', take },
    { name: `${take}Tokyo`, from: 'items.listed', kind: 'number', take, zone: 'Asia/Tokyo' },
  ]),
  { name: 'scaled', from: 'items.price', kind: 'number', scale: [2, 12] },
  { name: 'logScaled', from: 'items.price', kind: 'number', scale: [0, 9], log: true },
  { name: 'cost', from: 'items.price', kind: 'number', inList: ['median', 'range'], top: 2 },
  { name: 'colour', from: 'items.tags', kind: 'category', rate: false, values: ['red', 'blue'], index: true },
  { name: 'usual', from: 'items.tags', kind: 'category', rate: false, inList: ['share'] },
  { name: 'usualTop', from: 'items.tags', kind: 'category', rate: false, inList: ['share'], top: 2 },
  { name: 'terms', from: 'items.title', kind: 'match', by: 'terms', inList: ['median'] },
  { name: 'covered', from: 'items.tags', kind: 'match', by: 'covered', with: 'context.wanted' },
  { name: 'grams', from: 'items.title', kind: 'match', by: 'ngrams', n: 4 },
  { name: 'bm25', from: 'items.title', kind: 'match', by: 'bm25' },
];

function settings(declared: readonly object[]): Config {
  const omit = keptColumns({ omit: [], declared: [] }).map(({ name }) => name);
  return configSchema.parse({ features: { omit, declared } });
}

// Latin, accents, digits, full width, Chinese with and without spaces, Japanese, Thai, Korean; and what is no word.
const text = fc
  .array(
    fc.constantFrom(
      ...['red', 'Red', 'shoe', 'shoes', 'café', "men's", 'it’s', '3.5', '1,000', 'x-large', 'ＮＩＫＥ', '2XL'],
      ...['红色', '连衣裙', '红色连衣裙', '裙', 'iPhone15手机壳', 'スカート', 'รองเท้า', '원피스', '—', '!!', '.'],
    ),
    { maxLength: 6 },
  )
  .chain((parts) => fc.constantFrom(parts.join(' '), parts.join('')));
const item = fc.record({
  item: fc.nat(5),
  title: fc.oneof({ weight: 5, arbitrary: text }, fc.constant(null), fc.constant(['a', 'list', 'red'])),
  price: fc.oneof(fc.integer({ min: -4, max: 20 }), fc.constant(null), fc.constant('none')),
  tags: fc.oneof(
    fc.constant(null),
    fc.array(fc.constantFrom('red', 'blue', 'green', '红色'), { maxLength: 4 }),
    fc.constant('red'),
  ),
  sizes: fc.oneof(
    fc.constant(null),
    fc.constant(7),
    fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 4 }),
    fc.constant([1, 'x']),
  ),
  listed: fc.oneof(
    fc.integer({ min: 1e12, max: 1.9e12 }),
    fc.constant('2024-02-29T23:59:59.500-05:00'),
    fc.constant(null),
  ),
});
const list = fc.record({
  items: fc.array(item, { minLength: 1, maxLength: 5, size: 'max' }),
  query: fc.oneof({ weight: 4, arbitrary: text }, fc.constant(null)),
  wanted: fc.constantFrom('red', 'red blue', '红色', null),
  local: fc.constantFrom('2026-11-29T00:30:00+13:00', '2024-12-31T23:59:59-08:00', '2025-03-02T12:00:00Z', T0, null),
});
type List = typeof list extends fc.Arbitrary<infer One> ? One : never;

/** Tells lists to features, which are replaced by restored ones now and then; the rows, and the messages as Python reads them. */
function tell(
  lists: readonly List[],
  restarts: boolean,
): { readonly rows: Record<string, number>[]; readonly messages: object[] } {
  const config = settings(COLUMNS);
  const names = keptColumns(config.features).map(({ name }) => name);
  const reader = new DeclaredReader(config.features.declared, 'auto');
  let features = new Features(config, keyOf);
  const rows: Record<string, number>[] = [];
  const messages = lists.map(({ items, query, wanted, local }, at) => {
    const timeMs = T0 + at * 1_000;
    const message = { query, context: { wanted }, local };
    const raw = items.map(({ item: id, ...rest }) => ({ itemId: `i${id}`, ...rest }));
    const clean = cleanList(
      'r',
      timeMs,
      raw.map((one, i) => cleanItem(one.itemId, i + 1, { declared: reader.read(message, one, timeMs) })),
    );
    features.locate(clean, timeMs, () => undefined);
    const filled = new Float32Array(raw.length * features.width);
    features.write(clean, timeMs, filled);
    features.shown(clean, timeMs);
    raw.forEach((_, i) => rows.push(Object.fromEntries(names.map((name, n) => [name, filled[i * names.length + n]!]))));
    if (restarts && at % 4 === 3) {
      const captured = Object.entries(features.tables()).map(
        ([name, part]) => [name, structuredClone(part.capture())] as const,
      );
      features = new Features(config, keyOf);
      const parts = features.tables();
      for (const [name, columns] of captured) parts[name]!.restore(columns);
    }
    return { time: timeMs, list: message, items: raw };
  });
  return { rows, messages };
}

describe("Metarank's extractors", () => {
  test.skipIf(python === undefined)('are what Python makes of the messages, across restarts', () => {
    const streams = fc.sample(fc.array(list, { minLength: 12, maxLength: 12, size: 'max' }), 15);
    for (const lists of streams) {
      const { rows, messages } = tell(lists, true);
      const { status, stdout, stderr } = spawnSync(python!, [SCRIPT], {
        input: JSON.stringify({ lists: messages, columns: COLUMNS }),
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      if (status !== 0) throw new Error(stderr);
      const expected = JSON.parse(stdout) as Record<string, number | null>[];
      expect(rows).toHaveLength(expected.length);
      rows.forEach((row, at) => {
        expect(Object.keys(row).sort()).toEqual(Object.keys(expected[at]!).sort());
        for (const [name, ours] of Object.entries(row)) {
          const theirs = expected[at]![name]!;
          if (theirs === null || Number.isNaN(ours)) expect(`${name} ${ours}`).toBe(`${name} ${theirs ?? NaN}`);
          else
            expect(Math.abs(ours - theirs), `${name}: ${ours} is not ${theirs}`).toBeLessThan(
              1e-5 * (1 + Math.abs(theirs)),
            );
        }
      });
    }
  });

  test('are the same with restarts and without', () => {
    fc.assert(
      fc.property(fc.array(list, { minLength: 5, maxLength: 12, size: 'max' }), (lists) => {
        expect(tell(lists, true).rows).toEqual(tell(lists, false).rows);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    [{ kind: 'number', zone: 'Asia/Tokyo' }, /x has a zone and takes no time/],
    [{ kind: 'category', index: true }, /names none/],
    [{ kind: 'category', take: 'os', values: ['beos'] }, /x never is beos; os is one of ios, android/],
    [{ kind: 'category', internal: ['shop.example'] }, /does not take: referer/],
    [{ kind: 'category', values: ['a', 'b', 'a'] }, /the value a twice/],
  ])('%j is refused with its reason', (line, reason) => {
    const { features } = settings([{ name: 'x', from: 'items.x', ...line }]);
    expect(declaredProblem(features)).toMatch(reason);
  });
});
