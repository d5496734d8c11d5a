import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cell, ColumnType, OpenTableFile, TableColumn } from '../../src/ports/table-file.js';

/** Reads a whole file: rows by column name, lists as arrays, integers as numbers, null for none. */
export type ReadTable = (bytes: Uint8Array) => Promise<readonly Readonly<Record<string, unknown>>[]>;

const float32 = fc.float({ noDefaultInfinity: true, noNaN: true });
const ARBITRARY: Readonly<Record<ColumnType, fc.Arbitrary<NonNullable<Cell>>>> = {
  text: fc.string({ unit: 'binary', maxLength: 20 }),
  boolean: fc.boolean(),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  float32,
  float64: fc.double({ noDefaultInfinity: true, noNaN: true }),
  texts: fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 4 }),
  float32s: fc.array(float32, { maxLength: 6 }),
  int64s: fc.array(fc.maxSafeInteger(), { maxLength: 6 }),
};
const TYPES = Object.keys(ARBITRARY) as ColumnType[];

interface Table {
  readonly columns: readonly TableColumn[];
  /** Groups of rows, a cell a column. */
  readonly groups: readonly (readonly (readonly Cell[])[])[];
}

const tables: fc.Arbitrary<Table> = fc
  .array(fc.record({ type: fc.constantFrom(...TYPES), isNullable: fc.boolean() }), { minLength: 1, maxLength: 6 })
  .map((columns) => columns.map((column, index) => ({ ...column, name: `c.${index} ü` })))
  .chain((columns) => {
    const cells = columns.map(({ type, isNullable }) =>
      isNullable ? fc.option(ARBITRARY[type], { nil: null }) : ARBITRARY[type],
    );
    const row = fc.tuple(...cells);
    return fc.record({
      columns: fc.constant(columns),
      groups: fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 3 }),
    });
  });

async function bytesOf(open: OpenTableFile, { columns, groups }: Table): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const write = (bytes: Uint8Array): Promise<void> => (chunks.push(bytes), Promise.resolve());
  const file = open({ columns, facts: { topic: 'training' }, write });
  for (const rows of groups)
    await file.write(
      columns.map((_, index) => rows.map((row) => row[index]!)),
      rows.length,
    );
  await file.finish();
  return Buffer.concat(chunks);
}

/** What every table file keeps. */
export function tableFileLaws(open: OpenTableFile, read: ReadTable): void {
  test('what was written is read, whatever its types and groups', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const rows = table.groups.flat();
        expect(await read(await bytesOf(open, table))).toEqual(
          rows.map((row) => Object.fromEntries(table.columns.map(({ name }, index) => [name, row[index]]))),
        );
      }),
    );
  });

  test('the same rows in the same groups are the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        expect(await bytesOf(open, table)).toEqual(await bytesOf(open, table));
      }),
      { numRuns: 20 },
    );
  });
}
