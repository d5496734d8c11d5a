import type {
  InputName,
  InputOffsets,
  LogRecord,
  NewRecord,
  InputTail,
  PartitionLease,
  ReadRecord,
  TopicReader,
  TopicRole,
  Transport,
  UnitOfWork,
} from '../../src/ports/transport.js';
import type { Config } from '../../src/config/schema.js';
import { configSchema } from '../../src/config/schema.js';

/** A log that several transports can be opened on, as several processes would. */
export interface LogUnderTest {
  /** Another instance on the same log, not yet prepared. */
  open(): Promise<Transport>;
  /** Ends everything and removes the log. */
  dispose(): Promise<void>;
  /** Makes the next commit of this transport fail after its work, where the adapter has such a switch. */
  failNextCommit?(transport: Transport): void;
  /** Makes the owner look dead, where the adapter would otherwise refuse a second one. */
  silence?(transport: Transport): void;
}

export type MakeLog = (application: string, topics: Config['topics']) => Promise<LogUnderTest>;

export interface TransportLawOptions {
  /** How long one thing may take before a law fails. */
  readonly patienceMs?: number;
  /** How long a join takes at the most: within that a law leaves at many moments of it. */
  readonly joinMs?: number;
  /** Timeout of one law. */
  readonly timeoutMs?: number;
}

/** Topics config with a prefix of its own, so that laws can share a broker. */
export function topicsConfig(partitions: number, prefix: string): Config['topics'] {
  return configSchema.parse({ topics: { partitions, prefix } }).topics;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes));
export const texts = (records: readonly LogRecord[]) => records.map(({ value }) => textOf(value));

export function record(
  topic: TopicRole,
  value: string | null,
  rest: { key?: string; partition?: number; headers?: Record<string, string> } = {},
): NewRecord {
  const { key, ...placed } = rest;
  return { topic, key: key === undefined ? null : utf8(key), value: value === null ? null : utf8(value), ...placed };
}

export function numbered(
  topic: TopicRole,
  count: number,
  rest: { key?: string; partition?: number } = {},
): NewRecord[] {
  return Array.from({ length: count }, (_, i) => record(topic, `${topic}-${i}`, rest));
}

export function unit(offsets: InputOffsets, records: readonly NewRecord[] = [], progress = 'p'): UnitOfWork {
  return { records, offsets, progress };
}

/** A joined transport and the leases it was given; the owner of each is done when the lease aborts. */
export interface Member {
  readonly transport: Transport;
  readonly leases: Map<number, PartitionLease>;
  readonly failures: Error[];
}

export async function joined(transport: Transport): Promise<Member> {
  const member: Member = { transport, leases: new Map(), failures: [] };
  await transport.join({
    assigned: (lease) => {
      member.leases.set(lease.partition, lease);
      return new Promise((resolve) => {
        const done = () => {
          if (member.leases.get(lease.partition) === lease) member.leases.delete(lease.partition);
          resolve();
        };
        if (lease.signal.aborted) done();
        else lease.signal.addEventListener('abort', done, { once: true });
      });
    },
    failed: (error) => member.failures.push(error),
  });
  return member;
}

/** Looks until the answer is there. */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
  what: string,
  patienceMs: number,
): Promise<T> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${patienceMs} ms`);
    await pause(20);
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Polls an input until it is caught up. */
export async function drain(
  lease: InputTail,
  input: InputName,
  patienceMs: number,
  maxBytes = 1_000_000,
): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  await eventually(
    async () => {
      const fetched = await lease.poll(input, maxBytes, 200);
      found.push(...fetched.records);
      return fetched.caughtUp || undefined;
    },
    `${input} caught up`,
    patienceMs,
  );
  return found;
}

/** Everything a reader brings until it is caught up. */
export async function readAll(reader: TopicReader, patienceMs: number): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  await eventually(
    async () => {
      found.push(...(await reader.poll(100)));
      return (await reader.caughtUp()) || undefined;
    },
    'reader caught up',
    patienceMs,
  );
  return found;
}
