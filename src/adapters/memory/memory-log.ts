import { SluiceError } from '../../errors.js';
import { recordSize } from '../../ports/record-size.js';
import type { LogRecord, NewRecord } from '../../ports/transport.js';
import { Growth, type LogStore, type Slice, type TopicPlan, type TrimBounds } from '../local/index.js';

interface Partition {
  /** In the order of offsets; compaction leaves gaps. */
  records: LogRecord[];
  endOffset: number;
}

interface Topic extends TopicPlan {
  readonly contents: readonly Partition[];
}

/** A log in memory that several transports may share, as they would a broker. Grows without bound: for tests. */
export class MemoryLog implements LogStore {
  readonly path = 'memory';
  readonly growth = new Growth();
  readonly #topics = new Map<string, Topic>();
  readonly #facts = new Map<string, string>();
  /** Takes back what the running write did, newest last; null outside a write. */
  #undo: (() => void)[] | null = null;
  /** Thrown at the end of the next write, when all its work is done. */
  #failure: Error | null = null;

  /** A log of its own with the same contents: what becomes of one of them is not seen in the other. */
  copy(): MemoryLog {
    const copy = new MemoryLog();
    for (const [name, topic] of this.#topics)
      copy.#topics.set(name, { ...topic, contents: topic.contents.map((partition) => ({ ...partition })) });
    for (const [key, value] of this.#facts) copy.#facts.set(key, value);
    return copy;
  }

  /** Lets the next write fail after its work; null lets it pass. */
  failNextWrite(error: Error | null): void {
    this.#failure = error;
  }

  write<T>(work: () => T): T {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    try {
      const result = work();
      if (this.#failure) throw this.#failure;
      return result;
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    } finally {
      this.#undo = null;
      this.#failure = null;
    }
  }

  async flush(): Promise<void> {}

  topic(name: string): TopicPlan | undefined {
    return this.#topics.get(name);
  }

  createTopic(name: string, plan: TopicPlan): void {
    const contents = Array.from({ length: plan.partitions }, () => ({ records: [], endOffset: 0 }));
    this.#topics.set(name, { ...plan, contents });
    this.#undo?.push(() => this.#topics.delete(name));
  }

  append(name: string, partition: number, record: NewRecord, timestampMs: number): void {
    const topic = this.#known(name);
    const into = topic.contents[partition]!;
    const { records, endOffset } = into;
    this.#undo?.push(() => Object.assign(into, { records, endOffset }));
    const { key } = record;
    const kept = topic.compacted && key ? records.filter((other) => !sameBytes(other.key, key)) : records;
    into.records = [...kept, stored(record, endOffset, timestampMs)];
    into.endOffset = endOffset + 1;
  }

  read(name: string, partition: number, fromOffset: number, maxBytes: number): Slice {
    const { records, endOffset } = this.#known(name).contents[partition]!;
    const found: LogRecord[] = [];
    let bytes = 0;
    for (const record of records) {
      if (record.offset < fromOffset) continue;
      found.push(record);
      bytes += recordSize(record);
      if (bytes >= maxBytes) return { records: found, nextOffset: record.offset + 1, endOffset };
    }
    return { records: found, nextOffset: Math.max(fromOffset, endOffset), endOffset };
  }

  endOffset(name: string, partition: number): number {
    return this.#known(name).contents[partition]!.endOffset;
  }

  fact(key: string): string | undefined {
    return this.#facts.get(key);
  }

  putFact(key: string, value: string): void {
    const before = this.#facts.get(key);
    this.#undo?.push(() => (before === undefined ? this.#facts.delete(key) : this.#facts.set(key, before)));
    this.#facts.set(key, value);
  }

  factKeys(prefix: string): readonly string[] {
    return [...this.#facts.keys()].filter((key) => key.startsWith(prefix));
  }

  trim(name: string, partition: number, { beforeOffset, beforeMs }: TrimBounds, most: number): number {
    const from = this.#known(name).contents[partition]!;
    const { records } = from;
    const firstKept = records.findIndex(
      ({ offset, timestampMs }, index) => index === most || offset >= beforeOffset || timestampMs >= beforeMs,
    );
    const count = firstKept < 0 ? records.length : firstKept;
    this.#undo?.push(() => Object.assign(from, { records }));
    from.records = records.slice(count);
    return count;
  }

  /** Keeps everything: other transports may hold the same log. */
  async close(): Promise<void> {}

  #known(name: string): Topic {
    const topic = this.#topics.get(name);
    if (!topic) throw new SluiceError('topic-missing', { topic: name });
    return topic;
  }
}

/** A copy, as a real log would make: the producer may use its bytes again. */
function stored({ key, value, headers = {} }: NewRecord, offset: number, timestampMs: number): LogRecord {
  return { offset, key: key && key.slice(), value: value && value.slice(), timestampMs, headers: { ...headers } };
}

function sameBytes(left: Uint8Array | null, right: Uint8Array): boolean {
  return left !== null && Buffer.compare(left, right) === 0;
}
