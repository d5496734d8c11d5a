/** Element types of columns of numbers, by the names that checkpoints store them under. */
export const ELEMENTS = {
  f64: Float64Array,
  f32: Float32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const satisfies { readonly [T in keyof Arrays]: new (length: number) => Arrays[T] };

interface Arrays {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly u32: Uint32Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
}

export type NumericType = keyof typeof ELEMENTS;

/** A column of numbers, in the narrowest type that holds it. */
export type NumericColumn = Arrays[NumericType];

/** A column that has as many numbers a row as the feature set has columns, row-major. */
export interface PerFeature<T extends NumericType = NumericType> {
  readonly perFeature: T;
}

/** How a column is declared: one element a row, or {@link PerFeature}. */
export type Declared = NumericType | 'text' | PerFeature;

/** Columns by name. Allocating, growing, gathering, capturing and restoring all follow from it. */
export type Layout = Readonly<Record<string, Declared>>;

type ArrayOf<D extends Declared> = D extends NumericType
  ? Arrays[D]
  : D extends PerFeature<infer T>
    ? Arrays[T]
    : (string | null)[];

/** The arrays of a layout, all with room for the same number of rows. */
export type ColumnsOf<L extends Layout> = { -readonly [Name in keyof L]: ArrayOf<L[Name]> };

/** Rows of a layout, column by column. */
export type Bundle<L extends Layout> = Readonly<ColumnsOf<L>> & {
  readonly rowCount: number;
  /** Columns of the feature set. */
  readonly columnCount: number;
};

type AnyColumns = Record<string, NumericColumn | (string | null)[]>;

/** Zeros (texts: holes), for `rowCount` rows. */
export function allocate<L extends Layout>(layout: L, rowCount: number, columnCount = 0): Bundle<L> {
  const columns: AnyColumns = {};
  for (const name in layout) columns[name] = emptyColumn(layout[name]!, rowCount, columnCount);
  return { ...(columns as ColumnsOf<L>), rowCount, columnCount };
}

/** Copies `count` rows of every column of the layout, from row `fromRow` of one to row `toRow` of the other. */
export function copyRows<L extends Layout>(
  layout: L,
  from: Readonly<ColumnsOf<L>>,
  fromRow: number,
  to: Readonly<ColumnsOf<L>>,
  toRow: number,
  count: number,
  columnCount = 0,
): void {
  for (const name in layout) {
    const source = (from as AnyColumns)[name]!;
    const target = (to as AnyColumns)[name]!;
    const width = widthOf(layout[name]!, columnCount);
    if (Array.isArray(target))
      for (let i = 0; i < count; i++) target[toRow + i] = (source as (string | null)[])[fromRow + i]!;
    else target.set((source as NumericColumn).subarray(fromRow * width, (fromRow + count) * width), toRow * width);
  }
}

/** A larger copy: the first `rowCount` rows are those there were. */
export function enlarged<L extends Layout>(layout: L, bundle: Bundle<L>, rowCount: number): Bundle<L> {
  const larger = allocate(layout, rowCount, bundle.columnCount);
  copyRows(layout, bundle, 0, larger, 0, bundle.rowCount, bundle.columnCount);
  return larger;
}

/** Rows `from` to before `to`, as views; texts are copied. */
export function rowsBetween<L extends Layout>(layout: L, bundle: Bundle<L>, from: number, to: number): Bundle<L> {
  const { columnCount } = bundle;
  const columns: AnyColumns = {};
  for (const name in layout) {
    const column = (bundle as AnyColumns)[name]!;
    const width = widthOf(layout[name]!, columnCount);
    columns[name] = Array.isArray(column) ? column.slice(from, to) : column.subarray(from * width, to * width);
  }
  return { ...(columns as ColumnsOf<L>), rowCount: to - from, columnCount };
}

/** Copies of the rows of these numbers, in their order. */
export function gathered<L extends Layout>(layout: L, bundle: Bundle<L>, rows: ArrayLike<number>): Bundle<L> {
  const into = allocate(layout, rows.length, bundle.columnCount);
  for (const name in layout)
    gather(
      (bundle as AnyColumns)[name]!,
      (into as AnyColumns)[name]!,
      rows,
      widthOf(layout[name]!, bundle.columnCount),
    );
  return into;
}

/** Makes room for `rowCount` rows in columns that are written anew for every batch; what was in them is lost. */
export function reserve<L extends Layout>(layout: L, columns: ColumnsOf<L>, rowCount: number): void {
  const [first] = Object.keys(layout);
  if (first !== undefined && columns[first]!.length < rowCount) Object.assign(columns, allocate(layout, rowCount));
}

function gather(
  from: NumericColumn | (string | null)[],
  to: NumericColumn | (string | null)[],
  rows: ArrayLike<number>,
  width: number,
): void {
  if (Array.isArray(from) || Array.isArray(to) || width === 1)
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
  else for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width);
}

function emptyColumn(declared: Declared, rowCount: number, columnCount: number): NumericColumn | (string | null)[] {
  if (declared === 'text') return new Array<string | null>(rowCount);
  return new ELEMENTS[typeof declared === 'string' ? declared : declared.perFeature](
    rowCount * widthOf(declared, columnCount),
  );
}

function widthOf(declared: Declared, columnCount: number): number {
  return typeof declared === 'string' ? 1 : columnCount;
}
