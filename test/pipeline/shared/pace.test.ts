import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/adapters/memory/index.js';
import type { DeltaFeed } from '../../../src/pipeline/shared/delta-feed.js';
import { Pace } from '../../../src/pipeline/shared/pace.js';
import type { LogRecord } from '../../../src/ports/transport.js';

const EVERY_MS = 1_000;
const BEHIND = { impressions: -Infinity, interactions: -Infinity };
const { signal } = new AbortController();

function worldOf(newest = { impressions: 0, interactions: 0 }) {
  const others: DeltaFeed['others'] = new Map();
  const clock = new ManualClock({ skipSleeps: true });
  const feed = { others, hearAll: () => Promise.resolve() } as DeltaFeed;
  const settings = { everyMs: EVERY_MS, maxBytes: 50_000, partition: 0, partitionCount: 2 };
  const pace = new Pace(feed, settings, { newestTimeMs: (input) => newest[input] }, clock);
  return { pace, clock, others, newest };
}

const recordsOf = (bytes: number): readonly LogRecord[] => [
  { offset: 0, key: null, value: new Uint8Array(bytes), timestampMs: 0, headers: {} },
];

describe('the pace of partitions that share counters', () => {
  it('waits for nobody who is as far', async () => {
    const { pace, clock, others } = worldOf();
    others.set(1, { entersMs: 9_000, heardAtMs: 0 });
    await pace.next(10_000, BEHIND, signal);
    expect(clock.monotonicMs()).toBe(0);
  });

  it('waits for one that is behind, a second at most after it told something last', async () => {
    const { pace, clock, others } = worldOf();
    others.set(1, { entersMs: 2_000, heardAtMs: 0 });
    await pace.next(10_000, BEHIND, signal);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1_000);
    expect(clock.monotonicMs()).toBeLessThan(1_100);
    await pace.next(11_000, BEHIND, signal);
    expect(clock.monotonicMs()).toBeLessThan(1_100);
  });

  it('waits not at all once the partition is lost', async () => {
    const { pace, clock, others } = worldOf();
    others.set(1, { entersMs: 2_000, heardAtMs: 0 });
    await pace.next(10_000, BEHIND, AbortSignal.abort());
    expect(clock.monotonicMs()).toBe(0);
  });

  it('holds the input that is ahead of the other, unless that has been read to its end', async () => {
    const { pace } = worldOf({ impressions: 9_000, interactions: 5_000 });
    expect((await pace.next(-Infinity, BEHIND, signal)).held).toEqual({ impressions: true, interactions: false });
    const atEnd = { impressions: -Infinity, interactions: 1 };
    expect((await pace.next(-Infinity, atEnd, signal)).held).toEqual({ impressions: false, interactions: false });
  });

  it('takes chunks of about a stretch of each input', async () => {
    const { pace, newest } = worldOf();
    for (let n = 0; n < 10; n++) {
      pace.took({ impressions: recordsOf(3_000), interactions: recordsOf(100) });
      newest.impressions += 500;
      newest.interactions += 4_000;
    }
    pace.took({ impressions: [], interactions: [] });
    const { maxBytes } = await pace.next(-Infinity, BEHIND, signal);
    expect(maxBytes.impressions).toBeGreaterThan(5_000);
    expect(maxBytes.impressions).toBeLessThan(7_500);
    expect(maxBytes.interactions).toBeLessThan(100);
  });
});
