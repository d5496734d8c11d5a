import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCsv, type CsvOptions, type CsvRow } from '../../../src/adapters/csv/index.js';

describe('reading CSV', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-csv-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const rows = async (content: string | Buffer, options?: CsvOptions, name = 'log.csv'): Promise<CsvRow[]> => {
    writeFileSync(join(folder, name), content);
    const found: CsvRow[] = [];
    for await (const batch of readCsv(join(folder, name), options)) found.push(...batch.rows);
    return found;
  };

  it('reads back every cell that was quoted, packed or not', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), async (cells) => {
        const quoted = [['a', 'b'], ...cells]
          .map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
          .join('\n');
        const expected = cells.map(([a, b]) => ({ a, b }));
        expect((await rows(quoted)).map(({ columns }) => ({ ...columns }))).toEqual(expected);
        expect((await rows(gzipSync(quoted), {}, 'log.csv.gz')).map(({ columns }) => ({ ...columns }))).toEqual(
          expected,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('gives the line of each row and marks rows of another length', async () => {
    const found = await rows('\ufeffa,b\n1,2\n\n3\n4,5,6\n');
    expect(found.map(({ line, isComplete, columns }) => [line, isComplete, { ...columns }])).toEqual([
      [2, true, { a: '1', b: '2' }],
      [4, false, { a: '3' }],
      [5, false, { a: '4', b: '5' }],
    ]);
  });

  it('takes another delimiter and given column names', async () => {
    const found = await rows('1\t2\n', { delimiter: '\t', header: ['__proto__', 'b'] });
    expect(found[0]!.columns['__proto__']).toBe('1');
    expect(found[0]!.columns['b']).toBe('2');
  });

  it('names the line of broken quoting', async () => {
    await expect(rows('a,b\n1,2\n3,"x" y\n')).rejects.toMatchObject({
      code: 'import-file-invalid',
      message: expect.stringMatching(/log\.csv, line 3/) as unknown,
    });
    await expect(rows('x', {}, 'damaged.csv.gz')).rejects.toMatchObject({ code: 'import-file-invalid' });
  });
});
