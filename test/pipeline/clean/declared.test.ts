import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.js';
import { DeclaredReader } from '../../../src/pipeline/clean/declared.js';
import type { Declared } from '../../../src/pipeline/declared.js';

const T0 = 1_700_000_000_000;

function reader(...declared: readonly object[]): DeclaredReader {
  return new DeclaredReader(configSchema.parse({ features: { declared } }).features.declared, 'auto');
}

/** What one feature reads from an item and a list. */
function read(feature: object, item: object, list: object = {}): Declared & { readonly outcome: string } {
  const one = reader({ name: 'f', ...feature });
  const values = one.read(list, item, T0);
  const outcome = Object.entries(one.outcomes.get('f')!).find(([, count]) => count > 0)![0];
  return { ...values, outcome };
}

const number = (item: object, rest: object = {}): readonly [number, string] => {
  const { numbers, outcome } = read({ kind: 'number', from: 'items.attributes.x', ...rest }, item);
  return [numbers[0]!, outcome];
};

describe('declared numbers', () => {
  it('are numbers, their texts and truth values', () => {
    expect(number({ attributes: { x: 3.5 } })).toEqual([3.5, 'read']);
    expect(number({ attributes: { x: ' -1e3 ' } })).toEqual([-1000, 'read']);
    expect(number({ attributes: { x: true } })).toEqual([1, 'read']);
  });

  it('are missing where there is none, and counted where it is of another type', () => {
    expect(number({})).toEqual([NaN, 'missing']);
    expect(number({ attributes: { x: '' } })).toEqual([NaN, 'missing']);
    expect(number({ attributes: null })).toEqual([NaN, 'missing']);
    expect(number({ attributes: { x: '3,5' } })).toEqual([NaN, 'wrong-type']);
    expect(number({ attributes: { x: [3] } })).toEqual([NaN, 'wrong-type']);
    expect(number({ attributes: { x: 'many' } }, { missing: -1 })).toEqual([-1, 'wrong-type']);
    expect(number({}, { missing: 0 })).toEqual([0, 'missing']);
  });

  it('are clipped, then taken in logarithms with their sign', () => {
    expect(number({ attributes: { x: 99 } }, { clip: [0, 10] })).toEqual([10, 'read']);
    expect(number({ attributes: { x: 99 } }, { clip: [0, 10], log: true })).toEqual([Math.log(11), 'read']);
    expect(number({ attributes: { x: -(Math.E - 1) } }, { log: true })[0]).toBeCloseTo(-1, 12);
    expect(Math.fround(number({ attributes: { x: 1e300 } })[0])).toBeLessThan(Infinity);
  });

  it('are found in the list, in any field of an item, and never in what objects inherit', () => {
    expect(read({ kind: 'number', from: 'context.age' }, {}, { context: { age: '41' } }).numbers[0]).toBe(41);
    expect(read({ kind: 'number', from: 'items.price' }, { price: 9 }).numbers[0]).toBe(9);
    expect(read({ kind: 'number', from: 'items.scores.bm25' }, { scores: { bm25: 0.5 } }).numbers[0]).toBe(0.5);
    expect(read({ kind: 'number', from: 'items.constructor' }, {}).outcome).toBe('missing');
  });
});

describe('declared flags and times', () => {
  it('read truth values in the forms that logs have', () => {
    const flag = (value: unknown): number => read({ kind: 'boolean', from: 'items.x' }, { x: value }).numbers[0]!;
    for (const yes of [true, 1, 'true', 'TRUE', 'yes', '1']) expect(flag(yes)).toBe(1);
    for (const no of [false, 0, 'false', 'no', '0']) expect(flag(no)).toBe(0);
    for (const other of [2, 'maybe', {}, null]) expect(flag(other)).toBeNaN();
  });

  it('become the time from then to the event', () => {
    const age = (x: unknown, unit?: string): number =>
      read({ kind: 'time', from: 'items.x', ...(unit ? { unit } : {}) }, { x }).numbers[0]!;
    expect(age(T0 - 7_200_000)).toBe(2);
    expect(age(new Date(T0 - 86_400_000).toISOString(), 'days')).toBe(1);
    expect(age((T0 + 60_000) / 1_000, 'minutes')).toBe(-1);
    expect(age('yesterday')).toBeNaN();
  });
});

describe('declared categories', () => {
  const values = (x: unknown): readonly [readonly string[], string] => {
    const { categories, outcome } = read({ kind: 'category', from: 'items.x' }, { x });
    return [categories[0]!, outcome];
  };

  it('are one value or several, each once, by their text', () => {
    expect(values('红色')).toEqual([['红色'], 'read']);
    expect(values(7)).toEqual([['7'], 'read']);
    expect(values(['a', 'b', 'a', ' '])).toEqual([['a', 'b'], 'read']);
    expect(values(Array.from({ length: 99 }, (_, i) => i))[0]).toHaveLength(16);
  });

  it('are missing where there is none, and counted where it is no text', () => {
    expect(values(undefined)).toEqual([[], 'missing']);
    expect(values([])).toEqual([[], 'missing']);
    expect(values({ a: 1 })).toEqual([[], 'wrong-type']);
  });
});

describe('declared vectors', () => {
  const vector = (vectors: unknown): readonly [Float32Array | null, string] => {
    const { vectors: found, outcome } = read(
      { kind: 'vector', from: 'items.vectors.image', dimension: 2 },
      { vectors },
    );
    return [found[0]!, outcome];
  };

  it('are found by name among the vectors of an item, or as a field', () => {
    expect(
      vector([
        { name: 'text', values: [9, 9] },
        { name: 'image', values: [1, 2] },
      ]),
    ).toEqual([Float32Array.of(1, 2), 'read']);
    expect(vector({ image: [1, 2] })).toEqual([Float32Array.of(1, 2), 'read']);
    expect(vector({ image: { values: [1, 2] } })).toEqual([Float32Array.of(1, 2), 'read']);
  });

  it('are compared with the vector of the request that has the name query, unless another path is given', () => {
    const one = (feature: object, list: object): number[] => [
      ...(reader({ name: 'f', kind: 'vector', from: 'items.v', dimension: 2, as: ['query'], ...feature }).read(
        list,
        { v: [1, 2] },
        T0,
      ).queryVectors[0] ?? []),
    ];
    const vectors = [
      { name: 'user', values: [7, 8] },
      { name: 'query', values: [3, 4] },
    ];
    expect(one({}, { vectors })).toEqual([3, 4]);
    expect(one({}, { vectors: { query: [3, 4] } })).toEqual([3, 4]);
    expect(one({ query: 'vectors.user' }, { vectors })).toEqual([7, 8]);
    expect(one({ query: 'queryVector' }, { queryVector: [5, 6] })).toEqual([5, 6]);
    expect(one({ as: ['list'] }, { vectors })).toEqual([]);
  });

  it('count the vector to compare with under the name of its column', () => {
    const one = reader({ name: 'f', kind: 'vector', from: 'items.v', dimension: 2, as: ['query'] });
    for (const query of [[1], [1, 'x'], undefined, [1, 2], [1, 2]])
      one.read({ vectors: [{ name: 'query', values: query }] }, { v: [1, 2] }, T0);
    expect(one.outcomes.get('f')).toEqual({ read: 5, missing: 0, 'wrong-type': 0, 'wrong-size': 0, failed: 0 });
    expect(one.outcomes.get('fQuery')).toEqual({ read: 2, missing: 1, 'wrong-type': 1, 'wrong-size': 1, failed: 0 });
  });

  it('of another length, or with what is no number, are missing and counted', () => {
    expect(vector([{ name: 'image', values: [1] }])).toEqual([null, 'wrong-size']);
    expect(vector([{ name: 'image', values: [1, null] }])).toEqual([null, 'wrong-type']);
    expect(vector([{ name: 'image', values: [1, 1e99] }])).toEqual([null, 'wrong-type']);
    expect(vector({ image: 'x' })).toEqual([null, 'wrong-type']);
    expect(vector(null)).toEqual([null, 'missing']);
  });
});

describe('a declared value of the list itself', () => {
  it('is read once for all of its items, each of which counts it, and anew for the next list', () => {
    const one = reader({ name: 'f', kind: 'vector', from: 'items.v', dimension: 2, as: ['query'], query: 'wanted' });
    let lookCount = 0;
    const listOf = (wanted: unknown): object => ({
      get wanted() {
        lookCount++;
        return wanted;
      },
    });
    const [first, second] = [listOf([1, 2]), listOf('nothing')];
    const item = { v: [3, 4] };
    const read = [first, first, second, second, second].map((list) => [
      ...(one.read(list, item, T0).queryVectors[0] ?? []),
    ]);
    expect(read).toEqual([[1, 2], [1, 2], [], [], []]);
    expect(lookCount).toBe(2);
    expect(one.outcomes.get('f')).toMatchObject({ read: 5, 'wrong-type': 0 });
    expect(one.outcomes.get('fQuery')).toMatchObject({ read: 2, 'wrong-type': 3 });
  });
});
