import { describe, expect, it } from 'vitest';
import type { ReadRecord } from '../../src/ports/transport.js';
import { readToEnd } from '../../src/stream/read-to-end.js';

const record = (offset: number): ReadRecord => ({
  topic: 'training',
  partition: 0,
  offset,
  key: null,
  value: null,
  timestampMs: 0,
  headers: {},
});

/** A reader over a log of one record a poll, and how many polls it has answered. */
function readerOf(count: number) {
  const reader = {
    polls: 0,
    caughtUp: async () => reader.polls >= count,
    poll: async () => [record(reader.polls++)],
  };
  return reader;
}

describe('readToEnd', () => {
  it('gives every record to the end, and polls only when the last poll is dealt with', async () => {
    const reader = readerOf(3);
    const offsets: number[] = [];
    await readToEnd(reader, 100, async (records) => {
      offsets.push(...records.map(({ offset }) => offset));
      await new Promise((resolve) => setImmediate(resolve));
      expect(reader.polls).toBe(offsets.length);
    });
    expect(offsets).toEqual([0, 1, 2]);
  });

  it('polls no more once there is enough, and loses nothing that was polled', async () => {
    const reader = readerOf(10);
    const offsets: number[] = [];
    const take = (records: readonly ReadRecord[]): void => void offsets.push(...records.map(({ offset }) => offset));
    await readToEnd(reader, 100, take, () => offsets.length >= 2);
    expect(offsets).toEqual([0, 1]);
    expect(reader.polls).toBe(2);
  });
});
