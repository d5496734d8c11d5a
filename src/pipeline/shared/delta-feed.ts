import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { NewRecord, ReadRecord, TopicReader, Transport } from '../../ports/transport.js';
import type { SharedCounters } from '../features/shared/shared-counters.js';
import type { Owner } from '../checkpoint/owner.js';
import { deltaOf, deltaRecords } from './delta-record.js';

/** What a restart must know of the deltas. */
export interface SharedProgress {
  /** Offset at which those of this life of the application begin. */
  readonly from: number;
  /** Number of the newest committed delta of this partition; 0: there is none. */
  readonly lastNumber: number;
}

/** Bytes of packed deltas that may wait for their time: more are not read. */
const MOST_WAITING_BYTES = 67_108_864;
const POLL_WAIT_MS = 100;
/** How long a re-read waits for what it knows to be written: transactions of an owner that is gone may stand before it. */
const PATIENCE_MS = 60_000;

/** The deltas of all partitions, as one of them reads and writes them. */
export class DeltaFeed {
  /** How far the other partitions have come, as far as they have told, and when they did. */
  readonly others = new Map<number, { readonly entersMs: number; readonly heardAtMs: number }>();
  private reader: TopicReader | undefined;
  private next: number;
  private hasToldGap = false;

  constructor(
    private readonly transport: Pick<Transport, 'reader'>,
    private readonly owner: Owner,
    private readonly counters: SharedCounters,
    private readonly start: SharedProgress,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {
    this.next = counters.beginAt(start.from);
  }

  /** Makes ready for events up to a time: all that has been written is heard, or on a re-read what was heard then. */
  async readOn(timeMs: number): Promise<void> {
    if (this.counters.isRepeating) return this.readMarks(timeMs);
    if (this.counters.beginsBy(timeMs)) await this.hearAll();
  }

  /** Hears everything that is at hand, unless too much waits for its time. */
  async hearAll(): Promise<void> {
    while (this.counters.waitingBytes < MOST_WAITING_BYTES && (await this.poll(0)) > 0);
    this.counters.heardTo = this.next;
  }

  /** Records of what is to be written. */
  takeRecords(): readonly NewRecord[] {
    return this.counters.takeGiven().flatMap((delta) => deltaRecords(this.owner, delta));
  }

  get progress(): SharedProgress {
    return { from: this.start.from, lastNumber: this.counters.lastNumber };
  }

  /** From here on it is life. */
  beginLife(): void {
    this.counters.isRepeating = false;
    this.tellGap(this.counters.gapCount > 0);
  }

  async close(): Promise<void> {
    const { reader } = this;
    this.reader = undefined;
    await reader?.close();
  }

  /** Reads until the mark behind a time is known, or the last one there is. */
  private async readMarks(timeMs: number): Promise<void> {
    const { counters, start } = this;
    const untilMs = this.clock.monotonicMs() + PATIENCE_MS;
    while (!counters.remembersBeyond(timeMs) && counters.rememberedNumber < start.lastNumber) {
      this.signal.throwIfAborted();
      if ((await this.poll(POLL_WAIT_MS)) > 0) continue;
      if (!this.hasToldGap && this.clock.monotonicMs() <= untilMs) continue;
      this.tellGap(true);
      return;
    }
  }

  private tellGap(isGap: boolean): void {
    if (!isGap || this.hasToldGap) return;
    this.hasToldGap = true;
    this.logger.warn(
      'what other partitions had counted is no longer on the topic of the counters: columns of impressions that are open differ from what they were',
      { partition: this.owner.partition },
    );
  }

  /** @returns how many records were read */
  private async poll(waitMs: number): Promise<number> {
    try {
      this.reader ??= await this.transport.reader(['counters'], this.next, 0);
      const records = await this.reader.poll(waitMs);
      for (const record of records) this.take(record);
      return records.length;
    } catch (thrown) {
      // What is still wanted was removed meanwhile: the next one begins at what there is.
      if (!(thrown instanceof SluiceError) || thrown.code !== 'input-lost') throw thrown;
      this.tellGap(true);
      await this.close();
      return 0;
    }
  }

  private take(record: ReadRecord): void {
    this.next = record.offset + 1;
    const delta = deltaOf(this.owner.application, record);
    if (!delta) return;
    if (delta.partition === this.owner.partition) {
      if (this.counters.isRepeating && delta.number <= this.start.lastNumber) this.counters.remember(delta);
      return;
    }
    this.others.set(delta.partition, { entersMs: delta.entersMs, heardAtMs: this.clock.monotonicMs() });
    this.counters.hear(delta);
  }
}
