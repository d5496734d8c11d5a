import { tableFromIPC, Vector } from 'apache-arrow';
import { describe } from 'vitest';
import { openArrowFile } from '../../../src/adapters/arrow/index.js';
import { type ReadTable, tableFileLaws } from '../../laws/table-file-laws.js';

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Vector ? Array.from(value as Iterable<unknown>, plain) : value;
};

const read: ReadTable = (bytes) => {
  const table = tableFromIPC(bytes);
  const names = table.schema.fields.map(({ name }) => String(name));
  return Promise.resolve(
    Array.from({ length: table.numRows }, (_, row) =>
      Object.fromEntries(names.map((name, index) => [name, plain(table.getChildAt(index)!.get(row))])),
    ),
  );
};

describe('an Arrow IPC file', () => tableFileLaws(openArrowFile, read));
