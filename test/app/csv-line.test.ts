import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csvColumns, csvHead, csvLine } from '../../src/app/csv-line.js';

describe('CSV', () => {
  test('features become a column each, missing ones are empty, and vectors stay out', () => {
    const first = {
      sampleId: 's',
      features: [1.5, null],
      embeddings: [{ name: 'title', values: [1] }],
      userPseudonym: null,
    };
    const columns = csvColumns(first, ['feature.a', 'feature.b']);
    expect(csvHead(columns)).toBe('sampleId,feature.a,feature.b,userPseudonym\n');
    expect(csvLine(columns, first)).toBe('s,1.5,,\n');
  });

  test('columns are those of the first record, whatever order later ones have', () => {
    const columns = csvColumns({ a: 1, b: 2 }, []);
    expect(csvLine(columns, { b: 4, c: 5, a: 3 })).toBe('3,4\n');
    expect(csvLine(columns, { b: 4 })).toBe(',4\n');
  });

  test('any text survives the way through a CSV reader', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 5 }), (texts) => {
        const fields = Object.fromEntries(texts.map((text, index) => [`f${index}`, text]));
        const columns = csvColumns(fields, []);
        const [row] = parse(csvHead(columns) + csvLine(columns, fields), { columns: true, bom: false });
        expect(row).toEqual(fields);
      }),
    );
  });
});
