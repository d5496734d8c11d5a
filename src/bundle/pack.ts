import { allocate, type Bundle, type ColumnsOf, type Layout, type NumericColumn } from './bundle.js';

/** What stands before packed columns. */
interface Head {
  readonly rowCount: number;
  readonly columnCount: number;
}

/**
 * Rows of a layout without texts as bytes: a line of JSON, then column by column as they stand in memory (little-endian).
 * Nothing is squeezed: that would take more CPU than all else that is done for a row of the pool, and Kafka does it where
 * `transport.compression` says so.
 * @param facts stand in the line; `rowCount` and `columnCount` are added
 */
export function packRows<L extends Layout>(layout: L, bundle: Bundle<L>, facts: object): Uint8Array {
  const { rowCount, columnCount } = bundle;
  const parts: Uint8Array[] = [Buffer.from(`${JSON.stringify({ ...facts, rowCount, columnCount })}\n`)];
  for (const name in layout) parts.push(bytesOf(columnOf(bundle, name)));
  return Buffer.concat(parts);
}

/** Reads what {@link packRows} made; undefined when it is something else, or not whole. */
export function unpackRows<L extends Layout>(
  layout: L,
  packed: Uint8Array,
): { readonly facts: Readonly<Record<string, unknown>>; readonly bundle: Bundle<L> } | undefined {
  try {
    const headEnd = packed.indexOf(NEWLINE);
    const facts = JSON.parse(utf8.decode(packed.subarray(0, headEnd))) as Head & Record<string, unknown>;
    const { rowCount, columnCount } = facts;
    // A damaged or hostile record must not fill the memory.
    if (!isCount(rowCount) || !isCount(columnCount) || rowCount * Math.max(1, columnCount) > packed.length)
      return undefined;
    const bundle = allocate(layout, rowCount, columnCount);
    let at = headEnd + 1;
    for (const name in layout) {
      const column = columnOf(bundle, name);
      const end = at + column.byteLength;
      if (end > packed.length) return undefined;
      bytesOf(column).set(packed.subarray(at, end));
      at = end;
    }
    return at === packed.length ? { facts, bundle } : undefined;
  } catch {
    return undefined;
  }
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
const utf8 = new TextDecoder();
