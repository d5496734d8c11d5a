/**
 * Feature rows of the open impressions, by sequence number, in pages that are given back as their impressions close:
 * memory follows the number open, and growth never copies a row.
 */
export class RowPages {
  private readonly pages = new Map<number, Float32Array>();
  private readonly spare: Float32Array[] = [];

  constructor(readonly columnCount: number) {}

  get pageCount(): number {
    return this.pages.size;
  }

  /** The row of a sequence number, to read or write; created on first use. */
  row(sequence: number): Float32Array {
    const page = this.page(Math.floor(sequence / ROWS_A_PAGE));
    const at = (sequence % ROWS_A_PAGE) * this.columnCount;
    return page.subarray(at, at + this.columnCount);
  }

  /** Page and offset, for loops that would rather not make a view a row: rows of one page stand one behind the other. */
  page(number: number): Float32Array {
    let page = this.pages.get(number);
    if (!page) {
      page = this.spare.pop() ?? new Float32Array(ROWS_A_PAGE * this.columnCount);
      this.pages.set(number, page);
    }
    return page;
  }

  /** Copies rows [first, first + count) into `into`, row-major. */
  gather(first: number, count: number, into: Float32Array): void {
    for (let done = 0; done < count; ) {
      const sequence = first + done;
      const inPage = Math.min(count - done, ROWS_A_PAGE - (sequence % ROWS_A_PAGE));
      const at = (sequence % ROWS_A_PAGE) * this.columnCount;
      into.set(this.page(Math.floor(sequence / ROWS_A_PAGE)).subarray(at, at + inPage * this.columnCount), done * this.columnCount);
      done += inPage;
    }
  }

  /** Gives back every page that lies wholly before a sequence number. */
  releaseBefore(sequence: number): void {
    const firstKept = Math.floor(sequence / ROWS_A_PAGE);
    for (const number of this.pages.keys()) {
      if (number >= firstKept) break;
      const page = this.pages.get(number)!;
      this.pages.delete(number);
      if (this.spare.length < MOST_SPARE_PAGES) this.spare.push(page);
    }
  }
}

export const ROWS_A_PAGE = 1024;
const MOST_SPARE_PAGES = 16;
