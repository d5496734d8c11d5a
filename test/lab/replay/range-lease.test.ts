import { describe, expect, test } from 'vitest';
import { MemoryTransport, silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { stepGate } from '../../../src/app/repartition/step-gate.js';
import { openCodecs } from '../../../src/app/wire.js';
import { configSchema } from '../../../src/config/schema.js';
import { rangeLease } from '../../../src/lab/replay/range-lease.js';
import { spanOf } from '../../../src/lab/replay/range.js';
import type { PartitionLease } from '../../../src/ports/transport.js';

const config = configSchema.parse({
  join: { attributionWindowMs: 1_000, allowedLatenessMs: 100 },
  clean: { maxFutureMs: 0 },
});
const T = Date.UTC(2026, 0, 5);
const RANGE = { fromMs: T + 1_000, toMs: T + 2_000, warmUpMs: 500 };

const impression = (atMs: number) => ({
  ...{ requestId: `r${atMs}`, eventTimeMs: T + atMs, surface: 'SEARCH', sessionId: 's' },
  items: [{ itemId: 'i', position: 1 }],
});
const click = (atMs: number) => ({
  ...{ interactionId: `c${atMs}`, eventTimeMs: T + atMs, type: 'CLICK', sessionId: 's', itemId: 'i' },
});

/** A lease of a replay over these messages; what it reads from an offset on, by event time. */
async function reading(impressions: readonly (object | string)[], interactions: readonly object[] = []) {
  const transport = new MemoryTransport({ application: 'a', topics: config.topics, clock: systemClock });
  await transport.prepare();
  const recordOf = (topic: 'impressions' | 'interactions') => (value: object | string) => ({
    topic,
    partition: 0,
    key: null,
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  });
  await transport.append([...impressions.map(recordOf('impressions')), ...interactions.map(recordOf('interactions'))]);
  const { tails } = await transport.tails();
  const wrote: [string, number][] = [];
  const own = {
    partition: 0,
    signal: new AbortController().signal,
    committed: () => Promise.resolve({ offsets: { impressions: 0, interactions: 0 }, progress: null }),
    commit: () => Promise.resolve(),
  } as unknown as PartitionLease;
  const lease = rangeLease(own, {
    tail: tails[0]!,
    gate: stepGate(config, openCodecs(config, { logger: silentLogger, clock: systemClock })),
    spans: { impressions: spanOf('impressions', RANGE, config), interactions: spanOf('interactions', RANGE, config) },
    ends: { impressions: impressions.length, interactions: interactions.length },
    isGapless: true,
    clock: systemClock,
    wrote: (topic, bytes) => void wrote.push([topic, bytes]),
  });
  return {
    lease,
    transport,
    wrote,
    async all(input: 'impressions' | 'interactions', from = 0) {
      await lease.seek({ impressions: from, interactions: from });
      const offsets: number[] = [];
      for (let isOver = false; !isOver;) {
        const { records, caughtUp } = await lease.poll(input, 100, 1);
        offsets.push(...records.map(({ offset }) => offset));
        isOver = caughtUp;
      }
      return offsets;
    },
  };
}

describe('the lease of a replay', () => {
  test('reads impressions of warm-up and range, and clicks up to the end of the last window', async () => {
    const { all } = await reading(
      [499, 500, 999, 1_000, 1_999, 2_000].map(impression),
      [499, 500, 2_999, 3_000].map(click),
    );
    expect(await all('impressions')).toEqual([1, 2, 3, 4]);
    expect(await all('interactions')).toEqual([1, 2]);
  });

  test('ends at the first event that the stream would be through with the range by, whatever stands behind it', async () => {
    const late = [1_000, 2_099, 1_200, 2_100, 1_300].map(impression);
    const { all } = await reading(late);
    expect(await all('impressions')).toEqual([0, 2]);
    // The same from any offset before that.
    expect(await all('impressions', 2)).toEqual([2]);
    expect(await all('impressions', 3)).toEqual([]);
  });

  test('leaves out what cannot be read and was written at another time', async () => {
    const { all } = await reading([impression(1_000), '{', impression(1_500)]);
    expect(await all('impressions')).toEqual([0, 2]);
  });

  test('counts the bytes of what is committed, key and value', async () => {
    const { lease, wrote } = await reading([]);
    const record = { topic: 'training', key: Buffer.from('key'), value: Buffer.from('value') } as const;
    const offsets = { impressions: 0, interactions: 0 };
    await lease.commit({ records: [record], offsets, progress: '' });
    expect(wrote).toEqual([['training', 8]]);
  });

  test('says so when retention has removed what it is to read next', async () => {
    const { lease, transport } = await reading([1_000, 1_100, 1_200].map(impression));
    await lease.seek({ impressions: 0, interactions: 0 });
    await transport.discard('impressions', 0, 2);
    await expect(lease.poll('impressions', 100, 1)).rejects.toMatchObject({ code: 'input-lost' });
  });
});
