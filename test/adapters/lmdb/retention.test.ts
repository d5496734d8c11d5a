import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LmdbStore } from '../../../src/adapters/lmdb/lmdb-store.js';
import { MemoryLog } from '../../../src/adapters/memory/index.js';
import type { LogStore } from '../../../src/adapters/local/index.js';
import type { InputOffsets, TopicRole, Transport } from '../../../src/ports/transport.js';
import { eventually, joined, numbered, unit } from '../../laws/transport-fixture.js';
import { StoreFolder } from './store-fixture.js';

const PATIENCE_MS = 15_000;
const at = (impressions: number, interactions: number): InputOffsets => ({ impressions, interactions });
let folder: StoreFolder;

beforeEach(async () => {
  folder = await StoreFolder.make();
});
afterEach(() => folder.remove());

/** What stands on a topic, by offset. */
async function offsetsOn(transport: Transport, topic: TopicRole): Promise<readonly number[]> {
  const reader = await transport.reader([topic], 'earliest');
  const offsets: number[] = [];
  while (!(await reader.caughtUp())) for (const { offset } of await reader.poll(0)) offsets.push(offset);
  await reader.close();
  return offsets;
}

/** Waits until that is what stands on a topic. */
function untilOn(transport: Transport, topic: TopicRole, offsets: readonly number[]): Promise<unknown> {
  return eventually(
    async () => (String(await offsetsOn(transport, topic)) === String(offsets) ? offsets : undefined),
    `${topic} with offsets ${offsets.join()}`,
    PATIENCE_MS,
  );
}

describe.each([
  ['memory', () => new MemoryLog()],
  ['LMDB', () => new LmdbStore(folder.store)],
] as const)('trimming a log in %s', (_name, make: () => LogStore) => {
  it('deletes the oldest records that are before both bounds, and leaves the offsets of the others', async () => {
    const store = make();
    const offsets = (): number[] => store.read('a', 1, 0, 1e9).records.map(({ offset }) => offset);
    const trim = (beforeOffset: number, beforeMs: number, most = 100): number =>
      store.write(() => store.trim('a', 1, { beforeOffset, beforeMs }, most));
    store.write(() => {
      store.createTopic('a', { partitions: 2, compacted: false });
      for (let i = 0; i < 10; i++)
        for (const partition of [0, 1])
          store.append('a', partition, { topic: 'training', key: null, value: Buffer.from('x') }, 100 + i);
    });
    expect(trim(0, 1e9)).toBe(0);
    expect(trim(3, 1e9)).toBe(3);
    expect(trim(1e6, 105)).toBe(2);
    expect(offsets()).toEqual([5, 6, 7, 8, 9]);
    expect(trim(Infinity, 1e9, 2)).toBe(2);
    expect(trim(Infinity, 1e9)).toBe(3);
    expect([offsets(), store.endOffset('a', 1), store.read('a', 1, 0, 1).nextOffset]).toEqual([[], 10, 10]);
    store.write(() => store.append('a', 1, { topic: 'training', key: null, value: Buffer.from('y') }, 200));
    expect(offsets()).toEqual([10]);
    expect(store.read('a', 0, 0, 1e9).records).toHaveLength(10);
    await store.close();
  });

  it('is undone when its write fails', async () => {
    const store = make();
    store.write(() => store.createTopic('a', { partitions: 1, compacted: false }));
    store.write(() => store.append('a', 0, { topic: 'training', key: null, value: Buffer.from('x') }, 1));
    expect(() =>
      store.write(() => {
        store.trim('a', 0, { beforeOffset: Infinity, beforeMs: Infinity }, 10);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.read('a', 0, 0, 1e9).records).toHaveLength(1);
    await store.close();
  });
});

describe('retention of the embedded store', () => {
  const RETAINED = { inputRetentionMs: 1, outputRetentionMs: 1 };

  it('deletes inputs up to where the furthest re-read begins, and outputs by age; dead letters stay', async () => {
    const transport = folder.open({ transport: RETAINED });
    await transport.prepare();
    await transport.append([...numbered('impressions', 6), ...numbered('interactions', 6)]);
    const { leases } = await joined(transport);
    const outputs = (['training', 'audit', 'late', 'dead-letters'] as const).flatMap((topic) => numbered(topic, 2));
    await leases.get(0)!.commit(unit(at(6, 6), outputs));
    await untilOn(transport, 'training', []);
    // Nothing was said of what is needed, so every input is.
    expect(await offsetsOn(transport, 'impressions')).toEqual([0, 1, 2, 3, 4, 5]);
    await leases.get(0)!.commit({ ...unit(at(6, 6)), neededFrom: at(4, 2) });
    await untilOn(transport, 'impressions', [4, 5]);
    expect(await offsetsOn(transport, 'interactions')).toEqual([2, 3, 4, 5]);
    // A later unit that says nothing leaves it as it was.
    await leases.get(0)!.commit(unit(at(6, 6)));
    expect([
      await offsetsOn(transport, 'audit'),
      await offsetsOn(transport, 'late'),
      await offsetsOn(transport, 'dead-letters'),
    ]).toEqual([[], [], [0, 1]]);
  });

  it('keeps inputs for every application that ever ran on the store', async () => {
    const other = folder.open({ application: 'other' });
    await other.prepare();
    await joined(other);
    await other.leave();
    const transport = folder.open({ transport: RETAINED });
    await transport.append([...numbered('impressions', 4), ...numbered('interactions', 4)]);
    const { leases } = await joined(transport);
    await leases.get(0)!.commit({ ...unit(at(4, 4), numbered('training', 1)), neededFrom: at(4, 4) });
    await untilOn(transport, 'training', []);
    expect(await offsetsOn(transport, 'impressions')).toEqual([0, 1, 2, 3]);
    const again = await joined(other);
    await again.leases.get(0)!.commit({ ...unit(at(3, 3)), neededFrom: at(3, 1) });
    await untilOn(transport, 'impressions', [3]);
    expect(await offsetsOn(transport, 'interactions')).toEqual([1, 2, 3]);
  });

  it('is off by default: nothing is deleted', async () => {
    const transport = folder.open();
    await transport.prepare();
    await transport.append(numbered('impressions', 3));
    const { leases } = await joined(transport);
    await leases.get(0)!.commit({ ...unit(at(3, 0), numbered('training', 2)), neededFrom: at(3, 0) });
    // Two signs of life later.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect([await offsetsOn(transport, 'impressions'), await offsetsOn(transport, 'training')]).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
  });
});
