import { Frontier } from '../../pipeline/repartition/frontier.js';
import type { Placing } from '../../pipeline/repartition/placing.js';
import type { InputName, InputTail, LogRecord } from '../../ports/transport.js';

/** A message with where it belongs. */
export interface Placed extends Placing {
  readonly record: LogRecord;
}

/** Messages of one input of one partition that stand ready, and how far the input has been read. */
export class InputSource {
  private ready: Placed[] = [];
  /** Messages before this index were taken. */
  private taken = 0;
  private readTo: number;
  /** True when the last poll saw the end of the log. */
  isAtEnd = false;
  /** Where the next message stands in the order of all sources; of no meaning while none is ready. */
  standsAtMs = -Infinity;
  private readonly frontier: Frontier;

  constructor(
    readonly input: InputName,
    private readonly tail: InputTail,
    from: number,
    credibleMs: number,
    private readonly place: (input: InputName, records: readonly LogRecord[]) => Promise<readonly Placed[]>,
  ) {
    this.readTo = from;
    this.frontier = new Frontier(credibleMs);
  }

  get partition(): number {
    return this.tail.partition;
  }

  /** Where its messages lie, for a reader of the header that says so. */
  get lies(): string {
    return this.tail.lies?.[this.input] ?? String(this.tail.partition);
  }

  get isEmpty(): boolean {
    return this.taken === this.ready.length;
  }

  /** Offset from which everything is still to come. */
  get offset(): number {
    return this.isEmpty ? this.readTo : this.ready[this.taken]!.record.offset;
  }

  /** Reads on when nothing is ready. @returns true when it brought messages */
  async fill(maxBytes: number, waitMs: number): Promise<boolean> {
    const { records, caughtUp, nextOffset } = await this.tail.poll(this.input, maxBytes, waitMs);
    this.isAtEnd = caughtUp;
    this.readTo = Math.max(this.readTo, nextOffset ?? 0, (records.at(-1)?.offset ?? -1) + 1);
    this.ready = records.length === 0 ? [] : [...(await this.place(this.input, records))];
    this.taken = 0;
    this.stand();
    return !this.isEmpty;
  }

  /** Takes the next message; there is one. */
  take(): Placed {
    const next = this.ready[this.taken++]!;
    this.stand();
    return next;
  }

  private stand(): void {
    if (this.isEmpty) return;
    this.standsAtMs = this.frontier.reach(this.ready[this.taken]!.timeMs, this.behind());
  }

  private *behind(): Iterable<number | undefined> {
    for (let at = this.taken + 1; at < this.ready.length; at++) yield this.ready[at]!.timeMs;
  }
}
