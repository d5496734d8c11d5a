import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvHead, csvLine } from '../../../src/app/dump/csv-line.js';

describe('CSV', () => {
  test('missing values are empty, lists are JSON', () => {
    expect(csvLine(['s', 1.5, null, undefined, ['a', 'b']])).toBe('s,1.5,,,"[""a"",""b""]"\n');
  });

  test('any text survives the way through a CSV reader', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 5 }), (texts) => {
        const names = texts.map((_, index) => `f${index}`);
        const [row] = parse(csvHead(names) + csvLine(texts), { columns: true, bom: false });
        expect(Object.values(row as object)).toEqual(texts);
      }),
    );
  });
});
