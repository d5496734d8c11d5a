import type { CapturedColumns } from './captured.js';

/** Entries a page: small enough that keeping one on the way of an event is microseconds. */
const PAGE_BITS = 9;

/** Columns as they were at one moment, copied a part at a time while what they are of goes on changing. */
export interface Copying {
  /** Whole once {@link isDone}. */
  readonly columns: CapturedColumns;
  readonly isDone: boolean;
  /** Copies on until about `bytes` are copied, or everything is. */
  copyOn(bytes: number): void;
}

/**
 * A table's columns as they were at one moment, copied page by page while the table goes on changing: whoever is about to
 * change an entry keeps its page first, the rest is copied between batches. So the moment itself costs next to nothing.
 */
export class TableCapture implements Copying {
  /** The columns of that moment, a part a page, oldest entries first; whole once {@link isDone}. */
  readonly columns: Readonly<Record<string, readonly Float64Array[]>>;
  private readonly pages: Readonly<Record<string, Float64Array[]>>;
  /** 1 for each page that has been copied. */
  private readonly isKept: Uint8Array;
  private nextPage = 0;

  /**
   * @param arrays the table's live columns by name; `count` entries of each are captured
   * @param beside small columns that are copies already
   */
  constructor(
    private arrays: Readonly<Record<string, Float64Array>>,
    private readonly count: number,
    beside: Readonly<Record<string, Float64Array>> = {},
  ) {
    const pageCount = Math.ceil(count / (1 << PAGE_BITS));
    this.pages = Object.fromEntries(Object.keys(arrays).map((name) => [name, new Array<Float64Array>(pageCount)]));
    this.columns = {
      ...this.pages,
      ...Object.fromEntries(Object.entries(beside).map(([name, column]) => [name, [column]])),
    };
    this.isKept = new Uint8Array(pageCount);
  }

  get isDone(): boolean {
    return this.nextPage >= this.isKept.length;
  }

  /** The table's arrays moved; their contents are the same. */
  moved(arrays: Readonly<Record<string, Float64Array>>): void {
    this.arrays = arrays;
  }

  /** Must be called before an entry changes; does nothing for entries added since. */
  keep(entry: number): void {
    const page = entry >> PAGE_BITS;
    if (entry < this.count && this.isKept[page] === 0) this.copy(page);
  }

  /** Copies on until about `bytes` are copied, or everything is. */
  copyOn(bytes: number): void {
    for (let copied = 0; !this.isDone && copied < bytes; this.nextPage++) {
      if (this.isKept[this.nextPage] === 0) copied += this.copy(this.nextPage);
    }
  }

  private copy(page: number): number {
    const from = page << PAGE_BITS;
    const to = Math.min(this.count, from + (1 << PAGE_BITS));
    let bytes = 0;
    for (const name in this.pages) {
      this.pages[name]![page] = this.arrays[name]!.slice(from, to);
      bytes += (to - from) * Float64Array.BYTES_PER_ELEMENT;
    }
    this.isKept[page] = 1;
    return bytes;
  }
}
