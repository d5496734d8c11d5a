import type { Clock } from '../../ports/clock.js';
import type { ReadRecord, TopicReader, TopicRole } from '../../ports/transport.js';
import type { LogStore } from './log-store.js';
import { nextTurn, untilGrown } from './until-grown.js';

/** Bytes of keys and values a poll of a reader brings at most (and one record more). */
const POLL_BYTES = 4_194_304;

/** A topic partition and the next offset to read of it. */
export interface ReadPosition {
  readonly topic: TopicRole;
  readonly name: string;
  readonly partition: number;
  nextOffset: number;
}

export interface ReaderOptions {
  readonly store: LogStore;
  readonly clock: Clock;
  readonly watchEveryMs: number;
  readonly positions: ReadPosition[];
  /** Called once, when the reader is closed. */
  readonly onClose: (reader: LocalReader) => void;
}

/** Reads topic partitions in turn. Whatever stands in a local log is committed, so it sees nothing else. */
export class LocalReader implements TopicReader {
  readonly #closing = new AbortController();

  constructor(private readonly options: ReaderOptions) {}

  async poll(waitMs: number): Promise<readonly ReadRecord[]> {
    await nextTurn();
    const { store, clock, watchEveryMs } = this.options;
    const waiting = { store, clock, waitMs, watchEveryMs, signal: this.#closing.signal };
    const found = await untilGrown(
      () => this.#read(),
      (records) => records.length > 0,
      waiting,
    );
    return found ?? [];
  }

  async caughtUp(): Promise<boolean> {
    await nextTurn();
    const { store, positions } = this.options;
    return positions.every(({ name, partition, nextOffset }) => nextOffset >= store.endOffset(name, partition));
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.options.onClose(this);
  }

  #read(): readonly ReadRecord[] {
    const { store, positions } = this.options;
    const found: ReadRecord[] = [];
    let leftBytes = POLL_BYTES;
    for (const position of positions) {
      const { topic, name, partition } = position;
      const slice = store.read(name, partition, position.nextOffset, leftBytes);
      position.nextOffset = slice.nextOffset;
      for (const record of slice.records) {
        const { offset, key, value, timestampMs, headers } = record;
        found.push({ topic, partition, offset, key, value, timestampMs, headers });
        leftBytes -= (record.key?.length ?? 0) + (record.value?.length ?? 0);
      }
      if (leftBytes <= 0) break;
    }
    // The first one read goes last next time, so that a busy partition cannot starve the others.
    const first = positions.shift();
    if (first) positions.push(first);
    return found;
  }
}
