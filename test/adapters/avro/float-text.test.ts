import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FLOAT32_TEXT_BYTES, writeFloat32Text } from '../../../src/adapters/avro/float-text.js';

const bytes = Buffer.alloc(FLOAT32_TEXT_BYTES + 8);

function printed(value: number): string {
  return bytes.toString('latin1', 3, writeFloat32Text(value, bytes, 3));
}

/** Every float32 by its bits. */
const anyFloat32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).map((bits) => {
  const view = new DataView(new ArrayBuffer(4));
  view.setInt32(0, bits);
  return view.getFloat32(0);
});

describe('float32 as text', () => {
  test('every float32 reads back to itself', () => {
    fc.assert(
      fc.property(anyFloat32, (value) => {
        const back: unknown = JSON.parse(printed(value));
        if (Number.isFinite(value)) expect(Math.fround(back as number) + 0).toBe(value + 0);
        else expect(back).toBeNull();
      }),
      { numRuns: 20_000 },
    );
  });

  test('every power of two and its neighbours read back to themselves', () => {
    const view = new DataView(new ArrayBuffer(4));
    for (let exponent = 0; exponent < 255; exponent++) {
      for (const off of [-1, 0, 1]) {
        view.setInt32(0, Math.max(0, (exponent << 23) + off));
        const value = view.getFloat32(0);
        expect(Math.fround(Number(printed(value)))).toBe(value);
      }
    }
  });

  test('every decimal of up to five digits prints as it was written', () => {
    for (let places = 0; places <= 4; places++) {
      const wrong: string[] = [];
      for (let digits = 1; digits <= 99_999; digits++) {
        const decimal = `${digits / 10 ** places}`;
        if (printed(Math.fround(Number(decimal))) !== decimal) wrong.push(decimal);
      }
      expect(wrong).toEqual([]);
    }
  });

  test('no fraction has more than nine significant digits, nor any text more bytes than it may', () => {
    fc.assert(
      fc.property(anyFloat32, (value) => {
        const text = printed(value);
        expect(text.length).toBeLessThanOrEqual(FLOAT32_TEXT_BYTES);
        const digits = text.replace(/^-?(0\.0*)?|e.*$|\.|0+$/g, '');
        if (!Number.isInteger(value) && Number.isFinite(value)) expect(digits.length).toBeLessThanOrEqual(9);
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-17, '-17'],
    [0.1, '0.1'],
    [-0.25, '-0.25'],
    [12.3, '12.3'],
    [1 / 3, '0.33333334'],
    [8_388_607.5, '8388607.5'],
    [16_777_216, '16777216'],
    [1e-5, '0.00001'],
    [1.5e-7, '1.5e-7'],
    [-2_147_483_648, '-2147483600'],
    [3.4e38, '3.4e+38'],
    [Number.NaN, 'null'],
    [Number.POSITIVE_INFINITY, 'null'],
  ])('%d prints as %s', (value, text) => {
    expect(printed(value)).toBe(text);
  });
});
