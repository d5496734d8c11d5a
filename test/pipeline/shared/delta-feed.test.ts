import { describe, expect, it } from 'vitest';
import { ManualClock, silentLogger } from '../../../src/adapters/memory/index.js';
import { SluiceError } from '../../../src/errors.js';
import { SharedCounters } from '../../../src/pipeline/features/shared/shared-counters.js';
import { DeltaFeed } from '../../../src/pipeline/shared/delta-feed.js';
import { deltaRecords } from '../../../src/pipeline/shared/delta-record.js';
import type { Logger } from '../../../src/ports/logger.js';
import type { ReadFrom, ReadRecord } from '../../../src/ports/transport.js';

const EVERY_MS = 1_000;

/** A record of a partition that went on to a stretch. */
function recordOf(offset: number, number: number, partition = 1, application = 'app'): ReadRecord {
  const delta = { number, fromMs: 0, toMs: EVERY_MS, entersMs: number * EVERY_MS, seen: 0, parts: [Uint8Array.of(1)] };
  const [record] = deltaRecords({ application, partition }, delta);
  const { key, value, headers = {} } = record!;
  return { topic: 'counters', partition: 0, offset, key, value, headers, timestampMs: 0 };
}

function worldOf(records: readonly ReadRecord[], lastNumber = 0) {
  const clock = new ManualClock({ skipSleeps: true });
  const warnings: string[] = [];
  const opened: ReadFrom[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const left = [...records];
  const failures: Error[] = [];
  const transport = {
    reader: (_topics: unknown, from: ReadFrom) => {
      opened.push(from);
      return Promise.resolve({
        poll: async (waitMs: number) => {
          const failure = failures.shift();
          if (failure) throw failure;
          if (left.length === 0) await clock.sleep(waitMs);
          return left.splice(0, 2);
        },
        caughtUp: () => Promise.resolve(left.length === 0),
        close: () => Promise.resolve(),
      });
    },
  };
  const counters = new SharedCounters([], EVERY_MS);
  const stop = new AbortController();
  const owner = { application: 'app', partition: 0 };
  const feed = new DeltaFeed(transport, owner, counters, { from: 0, lastNumber }, clock, logger, stop.signal);
  return { feed, counters, clock, warnings, opened, failures, stop };
}

describe('the deltas of all partitions', () => {
  it('are heard up to the last that is at hand, those of other applications passed over', async () => {
    const { feed, counters } = worldOf([recordOf(3, 1), recordOf(4, 1, 1, 'other'), recordOf(7, 2), recordOf(9, 1, 0)]);
    await feed.readOn(5 * EVERY_MS);
    expect(counters.heardTo).toBe(10);
    expect(counters.waitingBytes).toBe(2);
    expect([...feed.others]).toEqual([[1, { entersMs: 2 * EVERY_MS, heardAtMs: 0 }]]);
  });

  it('are not asked for before a stretch begins', async () => {
    const { feed, counters, opened } = worldOf([recordOf(3, 1)]);
    counters.at(EVERY_MS);
    await feed.readOn(EVERY_MS + 1);
    expect(opened).toEqual([]);
  });

  it('are read on a re-read as far as marks are needed', async () => {
    const own = [1, 2, 3, 4, 5, 6].map((number) => recordOf(number, number, 0));
    const { feed, counters } = worldOf(own, 6);
    counters.isRepeating = true;
    await feed.readOn(2 * EVERY_MS);
    expect(counters.rememberedNumber).toBe(4);
    await feed.readOn(100 * EVERY_MS);
    expect(counters.rememberedNumber).toBe(6);
  });

  it('that are gone are waited for once, told, and no reason to stop', async () => {
    const { feed, counters, clock, warnings } = worldOf([recordOf(1, 1, 0)], 3);
    counters.isRepeating = true;
    await feed.readOn(100 * EVERY_MS);
    const waitedMs = clock.monotonicMs();
    expect(waitedMs).toBeGreaterThanOrEqual(60_000);
    await feed.readOn(200 * EVERY_MS);
    expect(clock.monotonicMs()).toBeLessThan(waitedMs + 1_000);
    feed.beginLife();
    expect(warnings.length).toBe(1);
  });

  it('of which the middle is gone are told, too', async () => {
    const { feed, counters, warnings } = worldOf([recordOf(1, 1, 0), recordOf(3, 3, 0)], 3);
    counters.isRepeating = true;
    await feed.readOn(100 * EVERY_MS);
    counters.at(100 * EVERY_MS);
    feed.beginLife();
    expect(warnings.length).toBe(1);
  });

  it('are waited for no longer than the partition is ours', async () => {
    const { feed, counters, stop } = worldOf([], 3);
    counters.isRepeating = true;
    stop.abort();
    await expect(feed.readOn(100 * EVERY_MS)).rejects.toThrow('abort');
  });

  it('go on at what there is where retention was faster', async () => {
    const { feed, failures, opened, warnings, counters } = worldOf([recordOf(8, 1)]);
    failures.push(new SluiceError('input-lost', { topic: 'counters', partition: 0, wanted: 0, from: 8, to: 9 }));
    await feed.hearAll();
    await feed.hearAll();
    expect(opened).toEqual([0, 0]);
    expect(warnings.length).toBe(1);
    expect(counters.heardTo).toBe(9);
  });
});
