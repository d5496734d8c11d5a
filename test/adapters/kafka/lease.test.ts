import { describe, expect, it } from 'vitest';
import type { Cursor } from '../../../src/adapters/kafka/cursor.js';
import { KafkaLease } from '../../../src/adapters/kafka/lease.js';
import { ManualClock } from '../../../src/adapters/memory/index.js';

describe('what a poll says of the end of a log', () => {
  it('comes with its age: how long before the poll the log was looked at', async () => {
    const clock = new ManualClock({ nowMs: 0 });
    const cursors: Cursor[] = [];
    let askedCount = 0;
    const fetcher = { add: (cursor: Cursor) => cursors.push(cursor), nudge: () => undefined };
    const lookup = { end: () => Promise.resolve(askedCount++ * 0) };
    const places = {
      impressions: { topic: 'shown', partition: 0 },
      interactions: { topic: 'done', partition: 0 },
    };
    const options = { clock, transport: { maxBufferedBytes: 1_000, brokers: [] } };
    const lease = new KafkaLease(0, options as never, {} as never, fetcher as never, lookup as never, places);
    await lease.seek({ impressions: 0, interactions: 0 });
    clock.jump(1_000);
    // As a fetch does.
    cursors[0]!.learnEnd(0, clock.monotonicMs());
    clock.jump(1_500);
    expect(await lease.poll('impressions', 1_000, 0, 2_000)).toMatchObject({ caughtUp: true, endAgeMs: 1_500 });
    expect(askedCount).toBe(0);
    expect(await lease.poll('impressions', 1_000, 0)).toMatchObject({ caughtUp: true, endAgeMs: 0 });
    expect(askedCount).toBe(1);
  });
});
