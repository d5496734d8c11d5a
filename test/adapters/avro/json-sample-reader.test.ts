import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFloatsReader } from '../../../src/adapters/avro/json-floats.js';
import { jsonSamples } from '../../../src/adapters/avro/index.js';
import { jsonCodec } from '../../../src/adapters/avro/json-codec.js';
import { jsonSampleEncoder, typeSampleArrays } from '../../../src/adapters/avro/json-sample.js';
import { jsonSampleReader } from '../../../src/adapters/avro/json-sample-reader.js';
import { trainingSamples } from '../../laws/arbitraries.js';

const read = jsonFloatsReader();
const utf8 = (text: string): Buffer => Buffer.from(text);
/** The engine's answer for the same array. */
const byEngine = (text: string): Float32Array =>
  Float32Array.from(JSON.parse(text) as (number | null)[], (value) => value ?? NaN);
const whole = jsonCodec({ isOwn: true, afterParse: typeSampleArrays });

describe('an array of numbers read by hand', () => {
  const number = fc.oneof(
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.tuple(fc.maxSafeNat(), fc.nat(22)).map(([mantissa, places]) => mantissa / 10 ** places),
  );

  it('is what the engine reads, to the last bit, and ends where it ends', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 600 }), fc.string(), (numbers, behind) => {
        const text = JSON.stringify(numbers);
        const found = read(utf8(`x${text}${behind}`), 1)!;
        expect(found.end).toBe(1 + text.length);
        expect(Buffer.from(found.floats.buffer).equals(Buffer.from(byEngine(text).buffer))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('takes whatever spelling JSON allows of a number, and nothing that JSON does not', () => {
    const spelt = fc.stringMatching(/^-?[0-9]{1,18}(\.[0-9]{0,20})?([eE][+-]?[0-9]{0,3})?$/);
    fc.assert(
      fc.property(fc.array(spelt, { minLength: 1, maxLength: 5 }), (numbers) => {
        const text = `[${numbers.join(',')}]`;
        let expected: Float32Array | undefined;
        try {
          expected = byEngine(text);
        } catch {
          expected = undefined;
        }
        const found = read(utf8(text), 0)?.floats;
        expect(found === undefined ? undefined : [...found]).toEqual(
          expected === undefined ? undefined : [...expected],
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    '[',
    '[]',
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[-]',
    '[-null]',
    '[nul]',
    '[null',
    '[ 1]',
    '[1 ]',
    '[01]',
    '[1.]',
    '[.5]',
    '[+1]',
    '["1"]',
    '[[1]]',
    '[NaN]',
    '[1;2]',
    '1',
  ])('leaves %s to the whole parser', (text) => {
    expect(read(utf8(text), 0)).toBeUndefined();
  });
});

describe('a sample read by hand', () => {
  const encode = jsonSampleEncoder();
  const readSample = jsonSampleReader();

  it('is what the whole parser reads', () => {
    fc.assert(
      fc.property(trainingSamples, (sample) => {
        const bytes = encode(sample);
        expect(jsonSamples().decode(bytes)).toEqual(whole.decode(bytes));
        if (sample.features.length > 0) expect(readSample(bytes)).toEqual(whole.decode(bytes));
      }),
    );
  });

  it.each([
    ['features of a nested object', '{"other":{"features":[1]},"features":[2]}'],
    ['features given twice', '{"features":[1],"features":[2]}'],
    ['features in a text', '{"note":"\\"features\\":[1]","features":[2]}'],
    ['features after a name with an escape', '{"features":[1],"feat\\u0075res":[2]}'],
    ['features with spaces', '{"features": [1, 2]}'],
    ['no features', '{"sampleId":"a"}'],
    ['features of null', '{"features":null}'],
    ['a byte-order mark', '\ufeff{"features":[1]}'],
  ])('with %s is what the whole parser reads', (_name, text) => {
    expect(jsonSamples().decode(utf8(text))).toEqual(whole.decode(utf8(text)));
  });

  it.each([
    ['half an object', utf8('{"features":[1]')],
    ['an array', utf8('[{"features":[1]}]')],
    ['no UTF-8', Buffer.concat([utf8('{"features":[1],"a":"'), Buffer.from([0xff]), utf8('"}')])],
  ])('of %s is undecodable', (_name, bytes) => {
    expect(() => jsonSamples().decode(bytes)).toThrow(expect.objectContaining({ code: 'undecodable' }));
  });
});
