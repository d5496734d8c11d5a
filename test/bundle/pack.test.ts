import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../../src/bundle/bundle.js';
import { packRows, unpackRows } from '../../src/bundle/pack.js';
import { POOLED, type PooledBundle } from '../../src/bundle/sample.js';

const numbers = fc.oneof(fc.double(), fc.constantFrom(NaN, -0, Infinity, 1e-40));

function bundleOf(rowCount: number, columnCount: number, values: readonly number[]): PooledBundle {
  const bundle = allocate(POOLED, rowCount, columnCount);
  let at = 0;
  for (const name of Object.keys(POOLED) as (keyof typeof POOLED)[])
    bundle[name].forEach((_, i) => (bundle[name][i] = values[at++ % values.length]!));
  return bundle;
}

describe('packed rows', () => {
  it('come back to the bit, with what was said of them', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.nat(12),
        fc.array(numbers, { minLength: 1, maxLength: 60 }),
        (rowCount, columnCount, values) => {
          const bundle = bundleOf(rowCount, columnCount, values);
          const packed = packRows(POOLED, bundle, { ordinal: 7, name: 'a\nb' });
          expect(unpackRows(POOLED, packed)).toEqual({
            facts: { ordinal: 7, name: 'a\nb', rowCount, columnCount },
            bundle,
          });
        },
      ),
    );
  });

  it('that are cut off, longer, of another layout, or nothing of the kind are none', () => {
    const packed = packRows(POOLED, bundleOf(5, 3, [1, 2, 3]), {});
    const { labels: _labels, ...other } = POOLED;
    expect(unpackRows(POOLED, packed.subarray(0, packed.length - 3))).toBeUndefined();
    expect(unpackRows(other, packed)).toBeUndefined();
    expect(unpackRows({ ...POOLED, draws: 'u32' }, packed)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(unpackRows(POOLED, bytes)).toBeUndefined();
      }),
    );
  });
});
