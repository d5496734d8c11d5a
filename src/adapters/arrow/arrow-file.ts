import {
  Bool,
  type DataType,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Utf8,
} from 'apache-arrow';
import type { Cell, ColumnType, OpenTableFile } from '../../ports/table-file.js';

/** Begins an Arrow IPC file (also called Feather, version 2): one record batch a write, not compressed. */
export const openArrowFile: OpenTableFile = ({ columns, facts, write }) => {
  const fields = columns.map(({ name, type, isNullable }) => new Field(name, arrowType(type), isNullable));
  const schema = new Schema(fields, new Map(Object.entries(facts)));
  const file = new ChunkedWriter();
  file.reset(undefined, schema);
  const flush = async (): Promise<void> => {
    for (const chunk of file.chunks.splice(0)) await write(chunk);
  };
  return {
    async write(cells, rowCount) {
      if (rowCount === 0) return;
      const children = columns.map(({ type }, index) => built(type, cells[index]!));
      file.write(new RecordBatch(schema, makeData({ type: new Struct(fields), length: rowCount, children })));
      await flush();
    },
    async finish() {
      file.finish();
      await flush();
    },
  };
};

/** A writer whose bytes are taken after each batch: the library's own queue has no bound. */
class ChunkedWriter extends RecordBatchFileWriter {
  readonly chunks: Uint8Array[] = [];

  protected override _write(chunk: ArrayBufferView): this {
    if (this._started && chunk.byteLength > 0) {
      this.chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice());
      this._position += chunk.byteLength;
    }
    return this;
  }
}

function arrowType(type: ColumnType): DataType {
  switch (type) {
    case 'text':
      return new Utf8();
    case 'boolean':
      return new Bool();
    case 'int32':
      return new Int32();
    case 'int64':
      return new Int64();
    case 'float32':
      return new Float32();
    case 'float64':
      return new Float64();
    case 'texts':
      return new List(new Field('element', new Utf8(), false));
    case 'float32s':
      return new List(new Field('element', new Float32(), false));
    case 'int64s':
      return new List(new Field('element', new Int64(), false));
  }
}

function built(type: ColumnType, cells: readonly Cell[]) {
  const builder = makeBuilder({ type: arrowType(type), nullValues: [null] });
  for (const cell of cells) builder.append(cell === null ? null : asArrow(type, cell));
  return builder.finish().flush();
}

/** Integers of 64 bits as the library takes them: bigints. */
function asArrow(type: ColumnType, cell: NonNullable<Cell>): unknown {
  if (type === 'int64') return BigInt(cell as number);
  return type === 'int64s' ? Array.from(cell as ArrayLike<number>, BigInt) : cell;
}
