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

  /** Writes `count` rows, row-major, as the rows of sequence numbers from `first`. */
  put(first: number, count: number, rows: Float32Array): void {
    this.runs(first, count, (page, at, done, length) => page.set(rows.subarray(done, done + length), at));
  }

  /** Copies rows [first, first + count) into `into`, row-major. */
  gather(first: number, count: number, into: Float32Array): void {
    this.runs(first, count, (page, at, done, length) => into.set(page.subarray(at, at + length), done));
  }

  /** Visits the stretches of [first, first + count) that lie in one page each; lengths and places in numbers, not rows. */
  private runs(
    first: number,
    count: number,
    visit: (page: Float32Array, at: number, done: number, length: number) => void,
  ): void {
    for (let done = 0; done < count;) {
      const inPage = (first + done) % ROWS_A_PAGE;
      const rows = Math.min(count - done, ROWS_A_PAGE - inPage);
      visit(
        this.page(Math.floor((first + done) / ROWS_A_PAGE)),
        inPage * this.columnCount,
        done * this.columnCount,
        rows * this.columnCount,
      );
      done += rows;
    }
  }

  private page(number: number): Float32Array {
    let page = this.pages.get(number);
    if (!page) {
      page = this.spare.pop() ?? new Float32Array(ROWS_A_PAGE * this.columnCount);
      this.pages.set(number, page);
    }
    return page;
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

const ROWS_A_PAGE = 1024;
const MOST_SPARE_PAGES = 16;
