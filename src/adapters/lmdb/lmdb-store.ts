import type { Database } from 'lmdb';
import { SluiceError } from '../../errors.js';
import type { LogRecord, NewRecord } from '../../ports/transport.js';
import { Growth, type LogStore, type Slice, type TopicPlan, type TrimBounds } from '../local/index.js';
import { Environment } from './environment.js';
import { lastRecordKey, newestKey, offsetOf, partitionKey, recordKey } from './keys.js';
import { decodeRecord, encodeRecord, timestampOf } from './record-bytes.js';

/** Flushes between two looks for readers that were killed. */
const FLUSHES_PER_CHECK = 60;

interface StoredTopic extends TopicPlan {
  /** Stands for the topic in keys. */
  readonly id: number;
}

/** A log store in an LMDB environment: records by (topic, partition, offset), ends, newest record of each key, facts. */
export class LmdbStore implements LogStore {
  readonly growth = new Growth();
  readonly #environment: Environment;
  readonly #records: Database<Buffer, Buffer>;
  /** Next offset (float64) by topic partition. */
  readonly #ends: Database<Buffer, Buffer>;
  /** Offset (float64) of the newest record by key, of compacted topics. */
  readonly #newest: Database<Buffer, Buffer>;
  /** Topics that have been seen; they never change. */
  readonly #topics = new Map<string, StoredTopic>();
  /** Ends moved by the transaction that runs. */
  readonly #moved = new Map<string, number>();

  #flushCount = 0;

  constructor(readonly path: string) {
    this.#environment = new Environment(path);
    this.#records = this.#environment.binary('records');
    this.#ends = this.#environment.binary('ends');
    this.#newest = this.#environment.binary('newest');
  }

  write<T>(work: () => T): T {
    try {
      return this.#environment.write(() => {
        this.#moved.clear();
        const result = work();
        for (const [key, end] of this.#moved) this.#ends.putSync(Buffer.from(key, 'latin1'), float64(end));
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
    this.#records.putSync(recordKey(id, partition, offset), encodeRecord(record, timestampMs));
    this.#moved.set(end, offset + 1);
    if (compacted && record.key) this.#supersede(id, partition, record.key, offset);
  }

  read(name: string, partition: number, fromOffset: number, maxBytes: number): Slice {
    const { id } = this.#known(name);
    return this.#environment.read(() => {
      const endOffset = this.#storedEnd(id, partition);
      const records: LogRecord[] = [];
      let bytes = 0;
      if (fromOffset < endOffset) {
        const range = { start: recordKey(id, partition, Math.max(0, fromOffset)), end: lastRecordKey(id, partition) };
        for (const { key, value } of this.#records.getRange(range)) {
          const record = decodeRecord(value, offsetOf(key));
          records.push(record);
          bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0);
          if (bytes >= maxBytes) return { records, nextOffset: record.offset + 1, endOffset };
        }
      }
      return { records, nextOffset: Math.max(fromOffset, endOffset), endOffset };
    });
  }

  endOffset(name: string, partition: number): number {
    const { id } = this.#known(name);
    return this.#environment.read(() => this.#storedEnd(id, partition));
  }

  fact(key: string): string | undefined {
    return this.#environment.read(() => this.#environment.facts.get(key));
  }

  putFact(key: string, value: string): void {
    this.#environment.facts.putSync(key, value);
  }

  factKeys(prefix: string): readonly string[] {
    return this.#environment.read(() =>
      [...this.#environment.facts.getKeys({ start: prefix, end: `${prefix}\uffff` })].map(String),
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
    return this.#ends.get(partitionKey(id, partition))?.readDoubleBE(0) ?? 0;
  }

  #supersede(id: number, partition: number, key: Uint8Array, offset: number): void {
    const indexKey = newestKey(id, partition, key);
    const older = this.#newest.get(indexKey);
    if (older) this.#records.removeSync(recordKey(id, partition, older.readDoubleBE(0)));
    this.#newest.putSync(indexKey, float64(offset));
  }
}

function float64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value, 0);
  return bytes;
}
