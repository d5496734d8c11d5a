import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { remember } from '../../../src/pipeline/state/remember.js';

describe('a remembered function', () => {
  it('gives what the function gives, in whatever order and number texts come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 2 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 8 }),
        (texts, most) => {
          const upper = remember((text) => text.toUpperCase(), most);
          for (const text of texts) expect(upper(text)).toBe(text.toUpperCase());
        },
      ),
    );
  });

  it('is not asked again for the last `most` texts', () => {
    let calls = 0;
    const length = remember((text) => (calls++, text.length), 4);
    for (const text of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) length(text);
    expect(calls).toBe(4);
  });

  it('forgets what has not come for twice as many, and never keeps a long text', () => {
    let calls = 0;
    const length = remember((text) => (calls++, text.length), 4);
    for (let i = 0; i < 9; i++) length(`${i}`);
    calls = 0;
    length('0');
    expect(calls).toBe(1);
    const long = 'x'.repeat(257);
    length(long);
    length(long);
    expect(calls).toBe(3);
  });
});
