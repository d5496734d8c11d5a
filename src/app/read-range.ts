import type { ReadFrom, ReadRecord, TopicRole, Transport } from '../ports/transport.js';

/** Which messages are looked at, by the timestamps of their records, epoch ms. */
export interface TimeRange {
  readonly sinceMs?: number | undefined;
  /** Before this. */
  readonly untilMs?: number | undefined;
}

const POLL_WAIT_MS = 200;
/** Timestamps of a topic are almost in order: a record so much past the end is not followed by one before it. */
const DISORDER_MS = 60_000;

/**
 * The committed records of one partition of a topic that were written in a range of time, in order. The beginning is
 * found by bisection, so that what was written before is not read.
 */
export async function* readRange(
  transport: Pick<Transport, 'reader' | 'endOffsets'>,
  topic: TopicRole,
  partition: number,
  { sinceMs, untilMs }: TimeRange,
): AsyncGenerator<ReadRecord> {
  const from = sinceMs === undefined ? 'earliest' : await offsetSince(transport, topic, partition, sinceMs);
  if (from === null) return;
  const reader = await transport.reader([topic], from, partition);
  try {
    while (!(await reader.caughtUp())) {
      for (const record of await reader.poll(POLL_WAIT_MS)) {
        if (untilMs !== undefined && record.timestampMs >= untilMs + DISORDER_MS) return;
        const isBefore = sinceMs !== undefined && record.timestampMs < sinceMs;
        if (!isBefore && (untilMs === undefined || record.timestampMs < untilMs)) yield record;
      }
    }
  } finally {
    await reader.close();
  }
}

/** The first record of a partition from an offset on, waiting for nothing that is not there. */
export async function firstFrom(
  transport: Pick<Transport, 'reader'>,
  topic: TopicRole,
  partition: number,
  from: ReadFrom,
): Promise<ReadRecord | undefined> {
  const reader = await transport.reader([topic], from, partition);
  try {
    while (!(await reader.caughtUp())) {
      const [first] = await reader.poll(POLL_WAIT_MS);
      if (first) return first;
    }
    return undefined;
  } finally {
    await reader.close();
  }
}

/** An offset before which nothing was written since a time, give or take the disorder; null: nothing was written since. */
export async function offsetSince(
  transport: Pick<Transport, 'reader' | 'endOffsets'>,
  topic: TopicRole,
  partition: number,
  sinceMs: number,
): Promise<number | null> {
  const earliest = await firstFrom(transport, topic, partition, 'earliest');
  if (!earliest) return null;
  let low = earliest.offset;
  let high = (await transport.endOffsets(topic))[partition]!;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstFrom(transport, topic, partition, middle);
    if (!found || found.timestampMs >= sinceMs - DISORDER_MS) high = middle;
    else low = found.offset + 1;
  }
  return low;
}
