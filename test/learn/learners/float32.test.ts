import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32AtLeast, MAX_FLOAT32, nextFloat32Up } from '../../../src/learn/learners/float32.js';

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

describe('float32 thresholds', () => {
  it('x < t and x < the smallest float32 ≥ t say the same for every float32 x around t', () => {
    fc.assert(
      fc.property(float32, float32, (a, b) => {
        const t = (a + b) / 2;
        const exported = float32AtLeast(t);
        for (const x of [a, b, Math.fround(t), exported, nextFloat32Up(Math.fround(t))])
          expect(x < exported).toBe(x < t);
      }),
      { numRuns: 5_000 },
    );
  });

  it('the midpoint of neighbouring float32 parts them', () => {
    fc.assert(
      fc.property(float32, (a) => {
        const b = nextFloat32Up(a);
        fc.pre(b <= MAX_FLOAT32);
        const exported = float32AtLeast((a + b) / 2);
        expect(a < exported).toBe(true);
        expect(b < exported).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('the next float32 up is the smallest one above', () => {
    expect(nextFloat32Up(1)).toBe(1 + 2 ** -23);
    expect(nextFloat32Up(0)).toBe(2 ** -149);
    expect(nextFloat32Up(-0)).toBe(2 ** -149);
    expect(nextFloat32Up(-1)).toBe(-1 + 2 ** -24);
    expect(nextFloat32Up(MAX_FLOAT32)).toBe(Infinity);
  });
});
