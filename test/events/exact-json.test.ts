import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../src/events/exact-json.js';

describe('exact JSON', () => {
  it('three ids of 64 bits stay three', () => {
    expect(parseExactJson('[9007199254740992,9007199254740993, 9007199254740994 ,-9223372036854775808]')).toEqual([
      9007199254740992,
      '9007199254740993',
      9007199254740994,
      '-9223372036854775808',
    ]);
  });

  it('an integer that a double holds stays a number, and so do fractions and exponents', () => {
    expect(parseExactJson('{"a":9007199254740991,"b":-9007199254740991,"c":0.12345678901234567890,"d":1e300}')).toEqual(
      {
        a: 9007199254740991,
        b: -9007199254740991,
        c: 0.12345678901234568,
        d: 1e300,
      },
    );
    expect(parseExactJson('[12345678901234567890.5,12345678901234567890e2]')).toEqual([
      12345678901234567000, 1.2345678901234568e21,
    ]);
  });

  it('digits inside of texts and names are left alone, whatever stands around them', () => {
    const value = { 'a:12345678901234567,': 'x,12345678901234567,"[12345678901234567]\\', b: '12345678901234567890' };
    expect(parseExactJson(JSON.stringify(value))).toEqual(value);
    expect(parseExactJson(`{"t":${JSON.stringify('\\"": 12345678901234567 ,')},"id":12345678901234567890}`)).toEqual({
      t: '\\"": 12345678901234567 ,',
      id: '12345678901234567890',
    });
  });

  it('every JSON value without such integers reads as the engine reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed: unknown = JSON.parse(text);
        fc.pre(!/\d{16}/.test(text));
        expect(parseExactJson(text)).toEqual(parsed);
      }),
    );
  });

  it('every 64-bit integer comes back by its digits, wherever it stands', () => {
    const id = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), id), { minLength: 1 }), (pairs) => {
        const text = `[${pairs.map(([t, n]) => `{"t":${JSON.stringify(t)},"n":${n}}`).join(' , ')}]`;
        const read = parseExactJson(text) as { t: string; n: number | string }[];
        expect(read.map(({ t, n }) => [t, String(n)])).toEqual(pairs.map(([t, n]) => [t, String(n)]));
      }),
    );
  });

  it('what is no JSON is refused as ever', () => {
    for (const text of ['{12345678901234567:1}', '[012345678901234567]', '[12345678901234567', '-12345678901234567x'])
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });
});
