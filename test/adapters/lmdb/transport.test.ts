import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { storeError } from '../../../src/adapters/lmdb/environment.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { SluiceError } from '../../../src/errors.js';
import { eventually, joined, numbered, readAll, record, textOf, unit } from '../../laws/transport-fixture.js';
import { StoreFolder } from './store-fixture.js';

const PATIENCE_MS = 10_000;
const NOTHING = { impressions: 0, interactions: 0 };
let folder: StoreFolder;

beforeEach(async () => {
  folder = await StoreFolder.make();
});
afterEach(() => folder.remove());

describe('topics of the embedded store', () => {
  it('a stored partition count wins over the configured one, with a warning', async () => {
    const first = folder.open({ topics: { partitions: 3 } });
    await first.prepare();
    await first.close();
    const logger = new RecordingLogger();
    const again = folder.open({ topics: { partitions: 5 }, logger });
    await again.prepare();
    expect(await again.partitionCount('impressions')).toBe(3);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toContainEqual(
      expect.objectContaining({ fields: { topic: 'sluice.impressions', partitions: 3, configured: 5 } }),
    );
  });

  it('inputs of unequal partition counts are refused, and nothing is created', async () => {
    const first = folder.open({ topics: { partitions: 2 } });
    await first.prepare();
    const second = folder.open({
      topics: { partitions: 4, prefix: 'new.', names: { interactions: 'sluice.interactions' } },
    });
    await expect(second.prepare()).rejects.toMatchObject({
      code: 'partition-counts-differ',
      details: { left: 'new.impressions', leftCount: 4, right: 'sluice.interactions', rightCount: 2 },
    });
    await expect(second.endOffsets('training')).rejects.toMatchObject({ code: 'topic-missing' });
  });

  it('missing topics are refused when topics.create is off', async () => {
    const transport = folder.open({ topics: { create: false } });
    await expect(transport.prepare()).rejects.toMatchObject({ code: 'topic-missing' });
  });

  it('an application does not go on with inputs of another partition count', async () => {
    const first = folder.open({ topics: { partitions: 2 } });
    await first.prepare();
    await joined(first);
    await first.close();
    const second = folder.open({ topics: { partitions: 3, prefix: 'wider.' } });
    await second.prepare();
    await expect(joined(second)).rejects.toMatchObject({
      code: 'output-partitions-changed',
      details: { found: 3, expected: 2 },
    });
    const back = folder.open({ topics: { partitions: 2 } });
    await back.prepare();
    await joined(back);
  });

  it('the record timestamp is the time of the append', async () => {
    const clock = new ManualClock({ nowMs: 1_712_345_678_901 });
    const transport = folder.open({ clock: { ...systemClock, nowMs: () => clock.nowMs() } });
    await transport.prepare();
    await transport.append([record('audit', 'one')]);
    await clock.advance(250);
    await transport.append([record('audit', 'two')]);
    const found = await readAll(await transport.reader(['audit'], 'earliest'), PATIENCE_MS);
    expect(found.map(({ timestampMs }) => timestampMs)).toEqual([1_712_345_678_901, 1_712_345_679_151]);
  });

  it('compacted topics hold one record a key, the newest, also for keys longer than LMDB takes', async () => {
    const transport = folder.open();
    await transport.prepare();
    const keys = ['a', 'b', 'x'.repeat(5_000), `${'x'.repeat(4_999)}y`];
    for (const round of [1, 2, 3])
      await transport.append(keys.map((key, i) => record('checkpoints', `${i}: ${round}`, { key })));
    await transport.append([record('checkpoints', null, { key: 'b' })]);
    const found = await readAll(await transport.reader(['checkpoints'], 'earliest'), PATIENCE_MS);
    expect(found.map(({ key, value }) => [keys.indexOf(textOf(key)!), textOf(value)])).toEqual([
      [0, '0: 3'],
      [2, '2: 3'],
      [3, '3: 3'],
      [1, null],
    ]);
  });

  it('topics that are not compacted keep every record of a key', async () => {
    const transport = folder.open();
    await transport.prepare();
    await transport.append(numbered('training', 5, { key: 'same' }));
    expect(await readAll(await transport.reader(['training'], 'earliest'), PATIENCE_MS)).toHaveLength(5);
  });

  it('values of 4 MiB come back whole', async () => {
    const transport = folder.open();
    await transport.prepare();
    const value = Buffer.alloc(4_194_304, 'sluice');
    await transport.append([1, 2, 3].map(() => ({ topic: 'snapshots' as const, key: null, value })));
    const found = await readAll(await transport.reader(['snapshots'], 'earliest'), PATIENCE_MS);
    expect(found.map((one) => Buffer.compare(one.value!, value))).toEqual([0, 0, 0]);
  });
});

describe('ownership of the embedded store', () => {
  it('a lease that was lost unnoticed is noticed by the next sign of life, and the listener hears of it', async () => {
    const first = await joined(await preparedTransport());
    const lease = await eventually(() => first.leases.get(0), 'assigned', PATIENCE_MS);
    const later = folder.open({ clock: { ...systemClock, nowMs: () => systemClock.nowMs() + 60_000 } });
    await joined(later);
    await eventually(() => lease.signal.aborted || undefined, 'aborted', PATIENCE_MS);
    expect(first.failures).toMatchObject([{ code: 'fenced' }]);
  });

  it('a fenced transport that leaves does not take the application from its new owner', async () => {
    const first = await joined(await preparedTransport());
    const later = folder.open({ clock: { ...systemClock, nowMs: () => systemClock.nowMs() + 60_000 } });
    const second = await joined(later);
    await first.transport.leave();
    const lease = await eventually(() => second.leases.get(0), 'assigned', PATIENCE_MS);
    await lease.commit(unit(NOTHING, [], 'mine'));
    await expect(joined(first.transport)).rejects.toMatchObject({ code: 'store-in-use' });
  });

  it('a listener that throws ends the session and is told why', async () => {
    const transport = await preparedTransport();
    const failures: Error[] = [];
    await transport.join({
      assigned: () => Promise.reject(new Error('cannot restore')),
      failed: (error) => failures.push(error),
    });
    await eventually(() => failures[0], 'failed', PATIENCE_MS);
    expect(failures).toMatchObject([{ message: 'cannot restore' }]);
  });
});

describe('errors of the embedded store', () => {
  it.each([
    [Object.assign(new Error('MDB_MAP_FULL: Environment mapsize limit reached'), { code: -30_792 }), 'store-full'],
    [Object.assign(new Error('No space left on device'), { code: 28 }), 'store-full'],
    [Object.assign(new Error('Disk quota exceeded'), { code: 122 }), 'store-full'],
    [Object.assign(new Error('Input/output error'), { code: 5 }), 'store-failed'],
    ['what?', 'store-failed'],
  ])('%s is named', (error, code) => {
    expect(storeError('somewhere', error)).toMatchObject({ code, details: { path: 'somewhere' } });
  });

  it('a failed write on a disk with hardly any room means full', () => {
    const failed = Object.assign(new Error('Input/output error'), { code: 5 });
    expect(storeError('somewhere', failed, () => 100_000)).toMatchObject({ code: 'store-full' });
    expect(storeError('somewhere', failed, () => 1e9)).toMatchObject({ code: 'store-failed' });
  });

  it.each([
    ['of another kind', Buffer.alloc(65_536, 'garbage')],
    ['cut short', Buffer.from('hello')],
    ['of zeros', Buffer.alloc(65_536)],
  ])('a file %s is refused, not opened', async (_, bytes) => {
    await mkdir(folder.store);
    await writeFile(join(folder.store, 'data.mdb'), bytes);
    expect(() => folder.open()).toThrow(expect.objectContaining({ code: 'file-unreadable' }));
  });

  it('a folder with a dot in its name is a folder', async () => {
    const path = join(folder.path, 'store.v2');
    for (const run of [1, 2]) {
      const transport = folder.open({ path });
      await transport.prepare();
      await transport.append([record('audit', `run ${run}`)]);
      await transport.close();
    }
    expect((await readdir(path)).sort()).toEqual(['data.mdb', 'lock.mdb']);
  });

  it('errors of the table stay as they are', () => {
    const ours = new SluiceError('fenced', { partition: 1 });
    expect(storeError('somewhere', ours)).toBe(ours);
  });

  it('a folder that cannot be made names the path', () => {
    expect(() => folder.open({ path: '/dev/null/store' })).toThrow(
      expect.objectContaining({ code: 'file-unreadable' }),
    );
  });
});

async function preparedTransport() {
  const transport = folder.open();
  await transport.prepare();
  return transport;
}
