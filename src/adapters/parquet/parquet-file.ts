import { gzipSync } from 'node:zlib';
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Cell, ColumnType, OpenTableFile, TableColumn } from '../../ports/table-file.js';

/** A third smaller than the library's Snappy in JavaScript, and faster, since zlib is native. */
const CODEC = 'GZIP';
const COMPRESSORS = { [CODEC]: (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: 4 }) };

/** Begins a Parquet file: one row group a write, lists in the three levels that the format prescribes. */
export const openParquetFile: OpenTableFile = ({ columns, facts, write }) => {
  const bytes = new ByteWriter(1 << 20);
  const file = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    codec: CODEC,
    compressors: COMPRESSORS,
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
    createdBy: 'sluice',
  });
  const flush = async (): Promise<void> => {
    // A copy: the buffer is written over by the next group.
    if (bytes.index > 0) await write(bytes.getBytes().slice());
    bytes.index = 0;
  };
  return {
    async write(cells, rowCount) {
      if (rowCount === 0) return;
      const columnData = columns.map(({ name, type }, index): ColumnSource => ({
        name,
        data: valuesOf(type, cells[index]!),
      }));
      await file.write({ columnData, rowGroupSize: rowCount });
      await flush();
    },
    async finish() {
      await file.finish();
      await flush();
    },
  };
};

const PRIMITIVES = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  boolean: { type: 'BOOLEAN' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
} as const satisfies Partial<Record<ColumnType, Partial<SchemaElement>>>;

const ELEMENT_OF = { texts: 'text', float32s: 'float32', int64s: 'int64' } as const;

/** The schema as the format stores it: a tree, flattened depth first. */
function schemaOf(columns: readonly TableColumn[]): SchemaElement[] {
  return [{ name: 'sample', num_children: columns.length }, ...columns.flatMap(elementsOf)];
}

function elementsOf({ name, type, isNullable }: TableColumn): SchemaElement[] {
  const repetition_type = isNullable ? 'OPTIONAL' : 'REQUIRED';
  if (type !== 'texts' && type !== 'float32s' && type !== 'int64s')
    return [{ name, repetition_type, ...PRIMITIVES[type] }];
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...PRIMITIVES[ELEMENT_OF[type]] },
  ];
}

/** Cells as the library takes them: integers of 64 bits as bigint, lists as arrays. */
function valuesOf(type: ColumnType, cells: readonly Cell[]): unknown[] {
  switch (type) {
    case 'int64':
      return cells.map((cell) => (cell === null ? null : BigInt(cell as number)));
    case 'int64s':
      return cells.map((cell) => (cell === null ? null : Array.from(cell as ArrayLike<number>, BigInt)));
    case 'float32s':
      return cells.map((cell) => (cell === null ? null : Array.from(cell as ArrayLike<number>)));
    default:
      return cells as unknown[];
  }
}
