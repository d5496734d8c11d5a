import { randomUUID } from 'node:crypto';
import type { ISocketFactory } from 'kafkajs';
import { kafkaTransport } from '../../../src/adapters/kafka/index.js';
import { silentLogger } from './silent-logger.js';
import { systemClock } from '../../../src/adapters/system/clock.js';
import { configSchema, type Config } from '../../../src/config/schema.js';
import type {
  AssignmentListener,
  LogRecord,
  NewRecord,
  PartitionLease,
  TopicReader,
  Transport,
} from '../../../src/ports/transport.js';

/** The suite's brokers; the set-up throws before this could be missing. */
export function brokers(): string {
  const given = process.env['KAFKA_BROKERS'];
  if (given === undefined) throw new Error('KAFKA_BROKERS is not set: run with --config vitest.kafka.config.ts');
  return given;
}

export interface World {
  readonly config: Config;
  open(overrides?: Partial<Config['transport']>, socketFactory?: ISocketFactory): Transport;
  closeAll(): Promise<void>;
}

/** A transport over the suite's brokers, with the shortest group session that a broker grants by default. */
export function openTransport(
  application: string,
  topics: Config['topics'],
  overrides: Partial<Config['transport']> = {},
  socketFactory?: ISocketFactory,
): Transport {
  const { transport } = configSchema.parse({
    transport: { kind: 'kafka', brokers: brokers(), sessionTimeoutMs: 6_000 },
  });
  return kafkaTransport({
    application,
    topics,
    transport: { ...transport, ...overrides },
    logger: silentLogger,
    clock: systemClock,
    ...(socketFactory === undefined ? {} : { socketFactory }),
  });
}

/** Fresh names on the shared broker, so that tests do not meet. */
export function world(partitions: number, topics: Partial<Config['topics']> = {}): World {
  const id = randomUUID().slice(0, 8);
  const config = configSchema.parse({
    application: `app-${id}`,
    topics: { prefix: `t${id}.`, partitions, ...topics },
  });
  const opened: Transport[] = [];
  return {
    config,
    open(overrides = {}, socketFactory) {
      const transport = openTransport(config.application, config.topics, overrides, socketFactory);
      opened.push(transport);
      return transport;
    },
    closeAll: async () => {
      await Promise.all(opened.map((transport) => transport.close()));
    },
  };
}

export const text = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : Buffer.from(bytes).toString());

export const record = (topic: NewRecord['topic'], value: string, partition?: number): NewRecord => ({
  topic,
  key: Buffer.from(value),
  value: Buffer.from(value),
  ...(partition === undefined ? {} : { partition }),
});

/** An owner that hands its leases to the test and lets go when they are aborted. */
export class Owner implements AssignmentListener {
  readonly leases: PartitionLease[] = [];
  readonly failures: Error[] = [];
  private waiting: (() => void)[] = [];

  async assigned(lease: PartitionLease): Promise<void> {
    this.leases.push(lease);
    for (const wake of this.waiting.splice(0)) wake();
    if (lease.signal.aborted) return;
    await new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  failed(error: Error): void {
    this.failures.push(error);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Leases that are ours now. */
  get live(): PartitionLease[] {
    return this.leases.filter((lease) => !lease.signal.aborted);
  }

  async until(isReached: (owner: Owner) => boolean): Promise<void> {
    while (!isReached(this)) {
      await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), systemClock.sleep(50)]);
    }
  }
}

/** Joins and waits for the one lease of a single partition. */
export async function leaseOf(transport: Transport): Promise<{ owner: Owner; lease: PartitionLease }> {
  const owner = new Owner();
  await transport.join(owner);
  await owner.until(({ leases }) => leases.length > 0);
  return { owner, lease: owner.leases[0]! };
}

/** Reads an input until the transport says that nothing more stands there. */
export async function drain(lease: PartitionLease, input: 'impressions' | 'interactions'): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (;;) {
    const fetched = await lease.poll(input, 1_000_000, 200);
    records.push(...fetched.records);
    if (fetched.caughtUp) return records;
  }
}

/** Everything a committed reader sees. */
export async function readAll(reader: TopicReader): Promise<{ value: string; partition: number; offset: number }[]> {
  const seen: { value: string; partition: number; offset: number }[] = [];
  for (;;) {
    for (const each of await reader.poll(100))
      seen.push({ value: text(each.value), partition: each.partition, offset: each.offset });
    if (await reader.caughtUp()) return seen;
  }
}
