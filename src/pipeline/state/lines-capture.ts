import type { CapturedColumns } from './captured.js';
import type { Copying } from './table-capture.js';

/** Some hundred kilobytes of lines. */
const LINES_A_PART = 256;

/** Things that nobody changes, as they were at one moment, written down a few at a time: a line of JSON each. */
export class LinesCapture<Thing> implements Copying {
  readonly columns: Readonly<Record<string, readonly (Float64Array | Uint8Array)[]>>;
  private readonly parts: Uint8Array[] = [];
  private next = 0;

  /**
   * @param name of the column of lines
   * @param beside columns that are copies already
   */
  constructor(
    private readonly name: string,
    private readonly beside: Readonly<Record<string, Float64Array>>,
    private readonly things: readonly Thing[],
    private readonly packed: (thing: Thing) => unknown,
  ) {
    const parted = Object.entries(beside).map(([of, column]) => [of, [column]]);
    this.columns = { ...(Object.fromEntries(parted) as Record<string, Float64Array[]>), [name]: this.parts };
  }

  get isDone(): boolean {
    return this.next >= this.things.length;
  }

  /** Everything at once. */
  get whole(): CapturedColumns {
    this.copyOn(Infinity);
    return { ...this.beside, [this.name]: Buffer.concat(this.parts) };
  }

  copyOn(bytes: number): void {
    for (let copied = 0; !this.isDone && copied < bytes;) {
      const some = this.things.slice(this.next, this.next + LINES_A_PART);
      this.next += some.length;
      const part = Buffer.from(some.map((thing) => `${JSON.stringify(this.packed(thing))}\n`).join(''));
      this.parts.push(part);
      copied += part.length;
    }
  }
}

/** The lines of a column; none when it was not captured. */
export function linesOf(captured: CapturedColumns, name: string): readonly string[] {
  const column = captured[name];
  return column instanceof Uint8Array ? Buffer.from(column).toString().split('\n') : [];
}
