import type { LogRecord, NewRecord } from '../../ports/transport.js';
import type { Growth } from './growth.js';

/** What one read of one topic partition brought. */
export interface Slice {
  readonly records: readonly LogRecord[];
  /** Where the next read goes on. */
  readonly nextOffset: number;
  /** Next offset to be written, as of this read. */
  readonly endOffset: number;
}

/** What a topic is created with. */
export interface TopicPlan {
  readonly partitions: number;
  /** Keeps the newest record of each key only. */
  readonly compacted: boolean;
}

/** What may be deleted: records that are before both. */
export interface TrimBounds {
  readonly beforeOffset: number;
  readonly beforeMs: number;
}

/**
 * A log and a few facts under one transaction: all that {@link LocalTransport} asks of memory or of LMDB. Every call but
 * `flush` and `close` is synchronous. `append`, `trim`, `createTopic` and `putFact` belong inside `write`.
 */
export interface LogStore {
  /** Where it is, for messages. */
  readonly path: string;
  /** Woken when the log may have grown. */
  readonly growth: Growth;
  /** Runs `work` in one transaction and gives back its result; when it throws, nothing of it has happened. */
  write<T>(work: () => T): T;
  /** Resolves once everything written before stands on the disk. */
  flush(): Promise<void>;
  topic(name: string): TopicPlan | undefined;
  createTopic(name: string, plan: TopicPlan): void;
  append(name: string, partition: number, record: NewRecord, timestampMs: number): void;
  /** Records from `fromOffset` on until `maxBytes` of keys and values are reached: at least one when there is one. */
  read(name: string, partition: number, fromOffset: number, maxBytes: number): Slice;
  endOffset(name: string, partition: number): number;
  /** A small text by its key. */
  fact(key: string): string | undefined;
  putFact(key: string, value: string): void;
  /** Keys of all facts that begin with a text. */
  factKeys(prefix: string): readonly string[];
  /**
   * Deletes the oldest records of a topic partition, up to `most` of them, as long as they stand before an offset and were
   * appended before a time. Offsets of the others stay. @returns how many were deleted
   */
  trim(name: string, partition: number, over: TrimBounds, most: number): number;
  close(): Promise<void>;
}
