import type { Clock } from '../../ports/clock.js';
import { recordSize } from '../../ports/record-size.js';
import { INPUTS, type Fetched, type InputName, type LogRecord, type PartitionLease } from '../../ports/transport.js';

export interface ReadSettings {
  /** Bytes a chunk, shared by both inputs. */
  readonly maxBytes: number;
  /** Longest wait for a first record. */
  readonly lingerMs: number;
}

/** The next records of both inputs, each in its log's order. */
export interface Chunk {
  readonly records: Readonly<Record<InputName, readonly LogRecord[]>>;
  /** True when nothing more stood in that input's log, as of the last poll. */
  readonly caughtUp: Readonly<Record<InputName, boolean>>;
}

/**
 * Reads both inputs of a partition by pull. One poll an input is always under way, so the next chunk is fetched while the
 * last one is processed and committed; an input that is held is not polled.
 */
export class InputReader {
  private readonly inbox: Record<InputName, LogRecord[]> = { impressions: [], interactions: [] };
  private readonly underWay: Record<InputName, Promise<void> | undefined> = {
    impressions: undefined,
    interactions: undefined,
  };
  private readonly caughtUp: Record<InputName, boolean> = { impressions: false, interactions: false };
  private failure: { readonly thrown: unknown } | undefined;

  constructor(
    private readonly lease: PartitionLease,
    private readonly settings: ReadSettings,
    private readonly clock: Clock,
  ) {}

  /**
   * The next chunk, waiting up to `lingerMs` when there is nothing yet.
   * @param before offsets to stop before: a barrier of the re-read; Infinity for none
   * @param held inputs not to read now
   */
  async next(before: Readonly<Record<InputName, number>>, held: Readonly<Record<InputName, boolean>>): Promise<Chunk> {
    const wanted = INPUTS.filter((input) => !held[input]);
    for (const input of wanted) this.startPoll(input);
    if (!wanted.some((input) => this.hasBefore(input, before[input]))) {
      // A nap of its own: left on the lease's signal, those of a busy stream would pile up on it.
      const nap = new AbortController();
      await Promise.race([
        ...wanted.map((input) => this.underWay[input]),
        this.clock.sleep(this.settings.lingerMs, nap.signal),
      ]);
      nap.abort();
    }
    if (this.failure) throw this.failure.thrown;
    const records = { impressions: [] as LogRecord[], interactions: [] as LogRecord[] };
    for (const input of wanted) records[input] = this.take(input, before[input]);
    return {
      records,
      caughtUp: { impressions: this.isCaughtUp('impressions'), interactions: this.isCaughtUp('interactions') },
    };
  }

  private isCaughtUp(input: InputName): boolean {
    return this.caughtUp[input] && this.inbox[input].length === 0;
  }

  private hasBefore(input: InputName, offset: number): boolean {
    const first = this.inbox[input][0];
    return first !== undefined && first.offset < offset;
  }

  private startPoll(input: InputName): void {
    if (this.underWay[input] || this.inbox[input].length > 0) return;
    const polled = this.lease.poll(input, this.settings.maxBytes, this.settings.lingerMs).then(
      (fetched: Fetched) => {
        this.inbox[input] = [...this.inbox[input], ...fetched.records];
        this.caughtUp[input] = fetched.caughtUp;
      },
      (thrown: unknown) => {
        this.failure = { thrown };
      },
    );
    this.underWay[input] = polled.then(() => {
      this.underWay[input] = undefined;
    });
  }

  private take(input: InputName, before: number): LogRecord[] {
    const inbox = this.inbox[input];
    let bytes = 0;
    let count = 0;
    while (count < inbox.length && inbox[count]!.offset < before && (count === 0 || bytes < this.settings.maxBytes)) {
      bytes += recordSize(inbox[count]!);
      count++;
    }
    return inbox.splice(0, count);
  }
}
