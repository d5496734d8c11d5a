import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ManualClock, MemoryTransport, RecordingMetrics, silentLogger } from '../../../src/adapters/memory/index.js';
import { OpenTables } from '../../../src/app/tables/open-tables.js';
import { configSchema, type ConfigInput } from '../../../src/config/schema.js';
import { tableRole, withTableTopics } from '../../../src/config/topics.js';
import { CarriedReader } from '../../../src/pipeline/clean/carried.js';
import { UsedFields } from '../../../src/pipeline/tables/table-fields.js';
import type { CleanItem, CleanList } from '../../../src/pipeline/admitted.js';
import type { TopicReader } from '../../../src/ports/transport.js';

const T0 = Date.UTC(2026, 0, 5);
const folder = mkdtempSync(join(tmpdir(), 'sluice-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Table = NonNullable<ConfigInput['tables']>[number];

/** One table of prices and whoever reads it. */
async function worldOf(table: Omit<Table, 'name'>) {
  const config = configSchema.parse({
    tables: [{ name: 'shop', ...table }],
    output: { carry: ['tables.shop.price'] },
    join: { allowedLatenessMs: 20_000 },
  });
  const clock = new ManualClock({ nowMs: T0 });
  const topics = withTableTopics(config.topics, config.tables);
  const transport = new MemoryTransport({ application: 'tables', topics, clock });
  await transport.prepare();
  const metrics = new RecordingMetrics();
  const used = new UsedFields(config.output.carry, config.tables);
  const carried = new CarriedReader(config.output.carry, { masks: false, maxTextLength: 100 }, used.places);
  const open = (): OpenTables =>
    new OpenTables(config, transport, { metrics, logger: silentLogger, used, declared: undefined, carried });
  const tables = open();
  return {
    transport,
    metrics,
    tables,
    open,
    /** Writes a row when the clock says so. */
    async write(atMs: number, key: string, row: object | string | Buffer | null): Promise<void> {
      await clock.advance(T0 + atMs - clock.nowMs());
      const text = typeof row === 'string' ? row : JSON.stringify(row);
      const value = row === null || Buffer.isBuffer(row) ? row : Buffer.from(text);
      await transport.append([{ topic: tableRole('shop'), key: Buffer.from(key), value }]);
    },
    /** The price that an impression of a time finds. */
    async priceAt(atMs: number, key: string | null, of: OpenTables = tables): Promise<unknown> {
      await of.readOn(T0 + atMs);
      return priceOf(of, atMs, key);
    },
    priceOf: (atMs: number, key: string | null) => priceOf(tables, atMs, key),
  };
}

function priceOf(tables: OpenTables, atMs: number, key: string | null): unknown {
  const item = { itemId: 'x', carried: { 'tables.shop.price': null }, tableKeys: [key] } as unknown as CleanItem;
  const { items } = tables.into({ eventTimeMs: T0 + atMs, items: [item] } as unknown as CleanList);
  return items[0]!.carried!['tables.shop.price'];
}

const fromTopic = { from: { topic: 'shop' } };
const withTime = { ...fromTopic, time: 'at' };

describe('a table from a topic', () => {
  it('has each row from the time on at which it was written, and no more once it is gone', async () => {
    const { write, priceAt } = await worldOf(fromTopic);
    await write(1_000, 'a', { price: 1 });
    await write(2_000, 'a', { price: 2 });
    await write(3_000, 'a', null);
    const found = await Promise.all([999, 1_000, 1_999, 2_000, 3_000].map((atMs) => priceAt(atMs, 'a')));
    expect(found).toEqual([null, 1, 1, 2, null]);
  });

  it('has each row from the time on that it names, whenever the row was written within half of the lateness', async () => {
    const { write, priceAt } = await worldOf(withTime);
    await write(15_000, 'a', { price: 2, at: T0 + 10_000 });
    await write(15_000, 'a', { price: 1, at: T0 + 5_000 });
    expect(await Promise.all([4_999, 5_000, 9_999, 10_000].map((atMs) => priceAt(atMs, 'a')))).toEqual([null, 1, 1, 2]);
  });

  it('lets a later one count from half of the lateness before it was written: whoever asks before or after finds the same', async () => {
    const { write, priceAt, open, metrics } = await worldOf(withTime);
    await write(1_000, 'a', { price: 1, at: T0 });
    const asked = [5_000, 39_999, 40_000];
    const before = await Promise.all(asked.slice(0, 2).map((atMs) => priceAt(atMs, 'a')));
    await write(50_000, 'a', { price: 2, at: T0 + 4_000 });
    const again = open();
    expect(await Promise.all(asked.map((atMs) => priceAt(atMs, 'a', again)))).toEqual([...before, 2]);
    expect(metrics.total('sluice_table_rows_total', { table: 'shop', outcome: 'late' })).toBe(1);
  });

  it('with lateMs takes a history that is written afterwards', async () => {
    const { write, priceAt } = await worldOf({ ...withTime, lateMs: 100_000 });
    await write(90_000, 'a', { price: 1, at: T0 });
    expect(await priceAt(10, 'a')).toBe(1);
  });

  it('sees whatever was written before it is asked, though another reading is under way', async () => {
    const { write, tables, priceOf } = await worldOf(fromTopic);
    await write(1_000, 'a', { price: 1 });
    const first = tables.readOn(T0);
    await write(2_000, 'a', { price: 2 });
    const second = tables.readOn(T0);
    await Promise.all([first, second]);
    expect(priceOf(2_000, 'a')).toBe(2);
  });

  it('counts rows that it cannot read, and look-ups by what they found', async () => {
    const { write, priceAt, metrics } = await worldOf(withTime);
    await write(1_000, 'a', 'no JSON');
    await write(1_000, 'a', { price: 1, at: 'yesterday' });
    await write(1_500, 'a', Buffer.from(`{"price":9,"at":${T0},"name":"\xe9"}`, 'latin1'));
    await write(1_000, 'a', { price: 1, at: T0 });
    expect(await Promise.all(['a', 'b', null].map((key) => priceAt(2_000, key)))).toEqual([1, null, null]);
    const lookups = (outcome: string) => metrics.total('sluice_table_lookups_total', { table: 'shop', outcome });
    expect(['found', 'missing', 'no-key'].map(lookups)).toEqual([1, 1, 1]);
    expect(metrics.total('sluice_table_rows_total', { table: 'shop', outcome: 'unreadable' })).toBe(3);
  });

  it('goes on where its reader failed, with all that it had', async () => {
    const world = await worldOf(fromTopic);
    await world.write(1_000, 'a', { price: 1 });
    const real = world.transport.reader.bind(world.transport);
    let fails = true;
    world.transport.reader = async (...asked): Promise<TopicReader> => {
      const reader = await real(...asked);
      return {
        poll: (waitMs) => reader.poll(waitMs),
        caughtUp: () => (fails ? Promise.reject(new Error('cut')) : reader.caughtUp()),
        close: () => reader.close(),
      };
    };
    await expect(world.priceAt(2_000, 'a')).rejects.toThrow('cut');
    fails = false;
    await world.write(2_000, 'b', { price: 2 });
    expect([await world.priceAt(2_000, 'a'), await world.priceAt(2_000, 'b')]).toEqual([1, 2]);
  });

  it('keeps to its bound by forgetting what was replaced long ago, reads again for whoever comes later still, and else says so', async () => {
    const { write, priceAt, tables } = await worldOf({ ...fromTopic, maxVersions: 4, keepMs: 3_000 });
    for (const at of [1, 2, 3]) await write(at * 1_000, 'a', { price: at });
    expect(await priceAt(9_000, 'a')).toBe(3);
    for (const at of [4, 5, 6]) await write(at * 1_000, 'a', { price: at });
    expect(await priceAt(9_000, 'a')).toBe(6);
    await write(7_000, 'b', { price: 7 });
    for (const key of ['c', 'd', 'e']) await write(7_000, key, { price: 7 });
    await expect(tables.readOn(T0 + 9_000)).rejects.toMatchObject({ code: 'table-full' });
  });

  it('reads again for an impression older than what it kept', async () => {
    const { write, priceAt } = await worldOf({ ...fromTopic, maxVersions: 4, keepMs: 0 });
    for (const at of [1, 2, 3, 4, 5]) await write(at * 1_000, 'a', { price: at });
    expect(await priceAt(9_000, 'a')).toBe(5);
    expect(await priceAt(2_500, 'a')).toBe(2);
  });
});

describe('a table from a file', () => {
  it('has the rows of a CSV from their times on, and those of a file without times always', async () => {
    const path = join(folder, 'shop.csv');
    writeFileSync(path, `sku,price,at\na,1,${T0}\na,2,${T0 + 1_000}\n`);
    const file = { from: { file: path }, rowKey: 'sku' };
    const timed = await worldOf({ ...file, time: 'at' });
    expect(await Promise.all([-1, 0, 999, 1_000].map((at) => timed.priceAt(at, 'a')))).toEqual([null, '1', '1', '2']);
    const always = await worldOf(file);
    expect(await always.priceAt(-1_000_000, 'a')).toBe('2');
  });

  it('is refused with the line that cannot be read', async () => {
    const path = join(folder, 'shop.ndjson');
    writeFileSync(path, `{"sku":"a","price":1}\n{"price":2}\n`);
    const { tables } = await worldOf({ from: { file: path }, rowKey: 'sku' });
    await expect(tables.readOn(T0)).rejects.toMatchObject({
      code: 'table-unreadable',
      message: /line 2: no key at sku/,
    });
  });
});
