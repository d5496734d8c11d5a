import { describe, expect, it } from 'vitest';
import type { ReadRecord } from '../../src/ports/transport.js';
import { toEnd } from '../../src/stream/to-end.js';

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

describe('toEnd', () => {
  it('gives every record to the end, and polls only when the last poll is dealt with', async () => {
    const reader = readerOf(3);
    const offsets: number[] = [];
    for await (const records of toEnd(reader, 100)) {
      offsets.push(...records.map(({ offset }) => offset));
      await new Promise((resolve) => setImmediate(resolve));
      expect(reader.polls).toBe(offsets.length);
    }
    expect(offsets).toEqual([0, 1, 2]);
  });

  it('polls no more once there is enough, and loses nothing that was polled', async () => {
    const reader = readerOf(10);
    const offsets: number[] = [];
    for await (const records of toEnd(reader, 100, () => offsets.length >= 2))
      offsets.push(...records.map(({ offset }) => offset));
    expect(offsets).toEqual([0, 1]);
    expect(reader.polls).toBe(2);
  });
});
