import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import { allocate, type Bundle, type ColumnsOf, type Layout, type NumericColumn } from './bundle.js';

const deflate = promisify(deflateRaw);

/** More than any record may hold: a damaged or hostile one must not fill the memory. */
const MOST_BYTES = 67_108_864;

/** What stands before packed columns. */
interface Head {
  readonly rowCount: number;
  readonly columnCount: number;
}

/**
 * Rows of a layout without texts as bytes: a line of JSON, then column by column as they stand in memory (little-endian),
 * features column by column too, deflated at level 1 away from the event loop.
 * @param facts stand in the line; `rowCount` and `columnCount` are added
 */
export async function packRows<L extends Layout>(layout: L, bundle: Bundle<L>, facts: object): Promise<Uint8Array> {
  const { rowCount, columnCount } = bundle;
  const head = Buffer.from(`${JSON.stringify({ ...facts, rowCount, columnCount })}\n`);
  const parts: Uint8Array[] = [head];
  for (const name in layout) {
    const column = columnOf(bundle, name);
    parts.push(bytesOf(column.length === rowCount ? column : turned(column, rowCount, columnCount)));
  }
  return deflate(Buffer.concat(parts), { level: 1 });
}

/** Reads what {@link packRows} made; undefined when it is something else, or not whole. */
export function unpackRows<L extends Layout>(
  layout: L,
  packed: Uint8Array,
): { readonly facts: Readonly<Record<string, unknown>>; readonly bundle: Bundle<L> } | undefined {
  try {
    const bytes = inflateRawSync(packed, { maxOutputLength: MOST_BYTES });
    const headEnd = bytes.indexOf(NEWLINE);
    const facts = JSON.parse(bytes.toString('utf8', 0, headEnd)) as Head & Record<string, unknown>;
    const { rowCount, columnCount } = facts;
    if (!isCount(rowCount) || !isCount(columnCount) || rowCount * (columnCount + 1) > MOST_BYTES) return undefined;
    const bundle = allocate(layout, rowCount, columnCount);
    let at = headEnd + 1;
    for (const name in layout) {
      const column = columnOf(bundle, name);
      const end = at + column.byteLength;
      if (end > bytes.length) return undefined;
      bytesOf(column).set(bytes.subarray(at, end));
      if (column.length !== rowCount) column.set(turned(column, columnCount, rowCount));
      at = end;
    }
    return at === bytes.length ? { facts, bundle } : undefined;
  } catch {
    return undefined;
  }
}

/** Rows × columns as columns × rows: values of one column repeat, and lie side by side then. */
function turned(values: NumericColumn, rows: number, columns: number): NumericColumn {
  const into = values.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) into[column * rows + row] = values[row * columns + column]!;
  return into;
}

function columnOf<L extends Layout>(bundle: Readonly<ColumnsOf<L>>, name: string): NumericColumn {
  return (bundle as unknown as Record<string, NumericColumn>)[name]!;
}

function bytesOf({ buffer, byteOffset, byteLength }: NumericColumn): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const NEWLINE = 0x0a;
