import type { Database } from 'lmdb';
import { SluiceError } from '../../errors.js';
import { recordSize } from '../../ports/record-size.js';
import type { LogRecord, NewRecord } from '../../ports/transport.js';
import { Growth, type LogStore, type Slice, type TopicPlan, type TrimBounds } from '../local/index.js';
import { CHECKED_FORMAT, sealedNumber, sealOf, unsealedNumber } from './checksum.js';
import { Environment } from './environment.js';
import { lastRecordKey, newestKey, offsetOf, partitionKey, recordKey } from './keys.js';
import { decodeRecord, encodeRecord, isWhole, timestampOf } from './record-bytes.js';

/** Flushes between two looks for readers that were killed. */
const FLUSHES_PER_CHECK = 60;

interface StoredTopic extends TopicPlan {
  /** Stands for the topic in keys. */
  readonly id: number;
}

/** Where a store says with which layout it was made. Facts whose key begins with # are the adapter's own. */
const FORMAT_FACT = '#format';

/**
 * A log store in an LMDB environment: records by (topic, partition, offset), ends, newest record of each key, facts.
 * Everything carries a checksum, and records of a topic follow one another without a gap, so that damage done to the file
 * ends a read with `store-damaged` instead of changing what it gives.
 */
export class LmdbStore implements LogStore {
  readonly growth = new Growth();
  readonly #environment: Environment;
  readonly #records: Database<Buffer, Buffer>;
  /** Next offset by topic partition. */
  readonly #ends: Database<Buffer, Buffer>;
  /** Offset of the oldest record by topic partition, once retention has deleted some. */
  readonly #starts: Database<Buffer, Buffer>;
  /** Offset of the newest record by key, of compacted topics. */
  readonly #newest: Database<Buffer, Buffer>;
  /** Checksums of the facts, by the same keys. */
  readonly #seals: Database<Buffer, Buffer>;
  /** Topics that have been seen; they never change. */
  readonly #topics = new Map<string, StoredTopic>();
  /** Ends moved by the transaction that runs. */
  readonly #moved = new Map<string, number>();

  #flushCount = 0;

  /** False for a store that an earlier release made: it has no checksums. */
  readonly hasChecksums: boolean;

  constructor(readonly path: string) {
    this.#environment = new Environment(path);
    this.#records = this.#environment.binary('records');
    this.#ends = this.#environment.binary('ends');
    this.#starts = this.#environment.binary('starts');
    this.#newest = this.#environment.binary('newest');
    this.#seals = this.#environment.binary('seals');
    const { facts } = this.#environment;
    if (facts.get(FORMAT_FACT) === undefined && facts.get('topics') === undefined)
      this.#environment.write(() => facts.putSync(FORMAT_FACT, CHECKED_FORMAT));
    const format = facts.get(FORMAT_FACT);
    if (format !== undefined && format !== CHECKED_FORMAT)
      throw new SluiceError('store-damaged', { path, why: `its format is ${format} instead of ${CHECKED_FORMAT}` });
    this.hasChecksums = format === CHECKED_FORMAT;
  }

  write<T>(work: () => T): T {
    try {
      return this.#environment.write(() => {
        this.#moved.clear();
        const result = work();
        for (const [key, end] of this.#moved) this.#put(this.#ends, Buffer.from(key, 'latin1'), end);
        return result;
      });
    } catch (error) {
      // A topic made by a transaction that failed was never made.
      this.#topics.clear();
      throw error;
    }
  }

  flush(): Promise<void> {
    this.#flushCount += 1;
    if (this.#flushCount % FLUSHES_PER_CHECK === 0) this.#environment.forgetDeadReaders();
    return this.#environment.flush();
  }

  topic(name: string): StoredTopic | undefined {
    const known = this.#topics.get(name);
    if (known) return known;
    const stored = this.fact(`topic:${name}`);
    if (stored === undefined) return undefined;
    const topic = JSON.parse(stored) as StoredTopic;
    this.#topics.set(name, topic);
    return topic;
  }

  createTopic(name: string, { partitions, compacted }: TopicPlan): void {
    const id = Number(this.fact('topics') ?? 0) + 1;
    this.putFact('topics', String(id));
    this.putFact(`topic:${name}`, JSON.stringify({ id, partitions, compacted }));
  }

  append(name: string, partition: number, record: NewRecord, timestampMs: number): void {
    const { id, compacted } = this.#known(name);
    const end = partitionKey(id, partition).toString('latin1');
    const offset = this.#moved.get(end) ?? this.#storedEnd(id, partition);
    const key = recordKey(id, partition, offset);
    this.#records.putSync(key, encodeRecord(record, timestampMs, this.hasChecksums ? key : undefined));
    this.#moved.set(end, offset + 1);
    if (compacted && record.key) this.#supersede(id, partition, record.key, offset);
  }

  read(name: string, partition: number, fromOffset: number, maxBytes: number): Slice {
    const topic = this.#known(name);
    const { id } = topic;
    return this.#environment.read(() => {
      const endOffset = this.#storedEnd(id, partition);
      const records: LogRecord[] = [];
      let bytes = 0;
      if (fromOffset < endOffset) {
        let next = Math.max(0, fromOffset);
        const hasGaps = topic.compacted || !this.hasChecksums;
        if (!hasGaps) next = Math.max(next, this.#number(this.#starts, partitionKey(id, partition)) ?? 0);
        const range = { start: recordKey(id, partition, next), end: lastRecordKey(id, partition) };
        for (const { key, value } of this.#records.getRange(range)) {
          const offset = offsetOf(key);
          if (!hasGaps && offset !== next) throw this.#damaged(name, partition, next, 'is missing');
          if (this.hasChecksums && !isWhole(value, key))
            throw this.#damaged(name, partition, offset, 'does not match its checksum');
          const record = decodeRecord(value, offset);
          records.push(record);
          bytes += recordSize(record);
          next = offset + 1;
          if (bytes >= maxBytes) return { records, nextOffset: next, endOffset };
        }
        if (!hasGaps && next < endOffset) throw this.#damaged(name, partition, next, 'is missing');
      }
      return { records, nextOffset: Math.max(fromOffset, endOffset), endOffset };
    });
  }

  endOffset(name: string, partition: number): number {
    const { id } = this.#known(name);
    return this.#environment.read(() => this.#storedEnd(id, partition));
  }

  fact(key: string): string | undefined {
    const { text, seal } = this.#environment.read(() => ({
      text: this.#environment.facts.get(key),
      seal: this.hasChecksums ? this.#seals.get(Buffer.from(key)) : undefined,
    }));
    const isWhole = text === undefined ? seal === undefined : seal?.equals(sealOf(key, text)) === true;
    if (this.hasChecksums && !isWhole)
      throw new SluiceError('store-damaged', { path: this.path, why: `the fact ${key} is damaged` });
    return text;
  }

  putFact(key: string, value: string): void {
    this.#environment.facts.putSync(key, value);
    if (this.hasChecksums) this.#seals.putSync(Buffer.from(key), sealOf(key, value));
  }

  factKeys(prefix: string): readonly string[] {
    return this.#environment.read(() =>
      [...this.#environment.facts.getKeys({ start: prefix, end: `${prefix}\uffff` })]
        .map(String)
        .filter((key) => !key.startsWith('#')),
    );
  }

  trim(name: string, partition: number, { beforeOffset, beforeMs }: TrimBounds, most: number): number {
    const { id } = this.#known(name);
    const end = beforeOffset === Infinity ? lastRecordKey(id, partition) : recordKey(id, partition, beforeOffset);
    const offsets: number[] = [];
    for (const { key, value } of this.#records.getRange({ start: recordKey(id, partition, 0), end, limit: most })) {
      if (timestampOf(value) >= beforeMs) break;
      offsets.push(offsetOf(key));
    }
    for (const offset of offsets) this.#records.removeSync(recordKey(id, partition, offset));
    const last = offsets.at(-1);
    if (last !== undefined) this.#put(this.#starts, partitionKey(id, partition), last + 1);
    return offsets.length;
  }

  close(): Promise<void> {
    return this.#environment.close();
  }

  #known(name: string): StoredTopic {
    const topic = this.topic(name);
    if (!topic) throw new SluiceError('topic-missing', { topic: name });
    return topic;
  }

  #storedEnd(id: number, partition: number): number {
    return this.#number(this.#ends, partitionKey(id, partition)) ?? 0;
  }

  #put(database: Database<Buffer, Buffer>, key: Buffer, value: number): void {
    database.putSync(key, sealedNumber(key, value));
  }

  #number(database: Database<Buffer, Buffer>, key: Buffer): number | undefined {
    const bytes = database.get(key);
    if (bytes === undefined) return undefined;
    const value = unsealedNumber(key, bytes, this.hasChecksums);
    if (value === undefined) throw new SluiceError('store-damaged', { path: this.path, why: 'an offset is damaged' });
    return value;
  }

  #damaged(topic: string, partition: number, offset: number, what: string): SluiceError {
    const why = `the record of ${topic}, partition ${partition}, offset ${offset} ${what}`;
    return new SluiceError('store-damaged', { path: this.path, why });
  }

  #supersede(id: number, partition: number, key: Uint8Array, offset: number): void {
    const indexKey = newestKey(id, partition, key);
    const older = this.#number(this.#newest, indexKey);
    if (older !== undefined) this.#records.removeSync(recordKey(id, partition, older));
    this.#put(this.#newest, indexKey, offset);
  }
}
