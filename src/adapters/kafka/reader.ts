import type { Kafka } from 'kafkajs';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { LogRecord, ReadRecord, TopicReader, TopicRole } from '../../ports/transport.js';
import { openCluster } from './client.js';
import { Cursor } from './cursor.js';
import { Fetcher } from './fetcher.js';
import type { OffsetLookup } from './offsets.js';
import { asSluiceError } from './failures.js';
import type { KafkaOptions } from './settings.js';

/** Bytes one poll takes from one topic partition. */
const POLL_BYTES = 2_097_152;
/** A commit is answered before its markers are in every partition: how long `caughtUp` waits for them. */
const SETTLE_MS = 3_000;
const SETTLE_PAUSE_MS = 10;

export interface ReadPosition {
  readonly role: TopicRole;
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

/** Ends a committed reader can reach, and next offsets to be written. */
interface Lookups {
  readonly stable: OffsetLookup;
  readonly written: OffsetLookup;
}

/** @returns a reader from these positions, which connects before it answers */
export async function openReader(
  kafka: Kafka,
  { clock, logger, transport }: KafkaOptions,
  positions: readonly ReadPosition[],
  lookups: Lookups,
): Promise<TopicReader> {
  const fetcher = new Fetcher(() => openCluster(kafka, 'committed'), clock, logger, transport.requestTimeoutMs);
  await fetcher.start([...new Set(positions.map(({ topic }) => topic))]);
  return new KafkaReader(positions, transport, fetcher, lookups, clock);
}

/** Reads topic partitions outside any group: no group is made, nothing is committed. */
class KafkaReader implements TopicReader {
  private readonly cursors: readonly { readonly role: TopicRole; readonly cursor: Cursor }[];

  constructor(
    positions: readonly ReadPosition[],
    private readonly settings: Pick<KafkaOptions['transport'], 'brokers' | 'maxBufferedBytes'>,
    private readonly fetcher: Fetcher,
    private readonly lookups: Lookups,
    private readonly clock: Clock,
  ) {
    this.cursors = positions.map(({ role, topic, partition, from }) => {
      const cursor = new Cursor(topic, partition, settings.maxBufferedBytes, () => fetcher.nudge());
      cursor.seek(from);
      fetcher.add(cursor);
      return { role, cursor };
    });
  }

  async poll(waitMs: number): Promise<readonly ReadRecord[]> {
    const deadlineMs = this.clock.monotonicMs() + waitMs;
    while (this.cursors.every(({ cursor }) => cursor.isEmpty && !cursor.hasFailed)) {
      const leftMs = deadlineMs - this.clock.monotonicMs();
      if (leftMs <= 0) return [];
      const timer = new AbortController();
      await Promise.race([
        ...this.cursors.map(({ cursor }) => cursor.changed()),
        this.clock.sleep(leftMs, timer.signal),
      ]);
      // With a reason, for one of its own is an error with a stack.
      timer.abort('over');
    }
    return this.cursors.flatMap(({ role, cursor }) =>
      cursor.take(POLL_BYTES).map((record) => {
        refuseUnreadable(record, cursor);
        return { ...record, topic: role, partition: cursor.partition };
      }),
    );
  }

  /**
   * Compares with the next offsets to be written as of this call. What stands behind an open transaction may have been
   * committed already (the broker answers a commit before the markers are written), so it is waited for within a bound;
   * after that it counts as not committed. Where the log may have been looked at before, what the fetches said is enough.
   */
  async caughtUp(mayBeOldMs = 0): Promise<boolean> {
    const asOfMs = this.clock.monotonicMs() - mayBeOldMs;
    if (this.cursors.every(({ cursor }) => cursor.isAtEnd && cursor.endAsOfMs > asOfMs)) return true;
    try {
      return await this.isAtEnd();
    } catch (error) {
      throw asSluiceError(error, this.settings.brokers);
    }
  }

  async close(): Promise<void> {
    await this.fetcher.close();
  }

  private async isAtEnd(): Promise<boolean> {
    const { stable, written } = this.lookups;
    const ends = await Promise.all(this.cursors.map(({ cursor }) => written.end(cursor.topic, cursor.partition)));
    const deadlineMs = this.clock.monotonicMs() + SETTLE_MS;
    for (;;) {
      const behind = this.cursors.filter(
        ({ cursor }, index) => !cursor.isEmpty || (cursor.position ?? 0) < ends[index]!,
      );
      if (behind.length === 0) return true;
      if (behind.some(({ cursor }) => !cursor.isEmpty || cursor.hasFailed)) return false;
      const reachable = await Promise.all(behind.map(({ cursor }) => stable.end(cursor.topic, cursor.partition)));
      if (behind.some(({ cursor }, index) => (cursor.position ?? 0) < reachable[index]!)) return false;
      if (this.clock.monotonicMs() > deadlineMs) return true;
      await this.clock.sleep(SETTLE_PAUSE_MS);
    }
  }
}

/** Readers outside the stream have no dead letters: what cannot be read ends them, by name. */
function refuseUnreadable({ unreadable, offset }: LogRecord, { topic, partition }: Cursor): void {
  if (unreadable === undefined) return;
  throw new SluiceError('unreadable-batch', { topic, partition, offset, why: unreadable.reason });
}
