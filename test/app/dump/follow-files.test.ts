import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createCodecs } from '../../../src/adapters/avro/index.js';
import { ManualClock, MemoryTransport, silentLogger } from '../../../src/adapters/memory/index.js';
import { readParquet } from '../../../src/adapters/parquet/index.js';
import { describeFeatures } from '../../../src/app/describe.js';
import { followToFiles } from '../../../src/app/dump/index.js';
import type { DumpSource } from '../../../src/app/dump/records.js';
import { configSchema } from '../../../src/config/schema.js';
import type { TrainingSample } from '../../../src/events/words.js';
import type { NewRecord, TopicReader } from '../../../src/ports/transport.js';
import { trainingSamples } from '../../laws/arbitraries.js';

const T0 = Date.UTC(2026, 0, 5, 22);
const DAY_MS = 86_400_000;
const PARTITIONS = 2;
const config = configSchema.parse({ topics: { partitions: PARTITIONS } });
const { featureSetId, columns } = await describeFeatures(config);
const root = mkdtempSync(join(tmpdir(), 'sluice-follow-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const [sample] = fc.sample(trainingSamples, { numRuns: 1, seed: 4 });
const sampleOf = (n: number, carried: TrainingSample['carried'] = null): TrainingSample => ({
  ...sample!,
  sampleId: `sample-${n}`,
  features: new Float32Array(columns.length),
  featureSetId,
  embeddings: null,
  carried,
});

/** What went wrong on purpose. */
class Cut extends Error {}

async function openWorld() {
  const clock = new ManualClock({ nowMs: T0, skipSleeps: true });
  const transport = new MemoryTransport({ application: 'a', topics: config.topics, clock });
  await transport.prepare();
  const codecs = createCodecs({ wire: config.wire, topics: config.topics, clock, logger: silentLogger });
  const folder = mkdtempSync(join(root, 'out-'));
  /** Follows until every partition was read to its end, or until so many polls, which is as good as a kill. */
  const follow = async (maxRows: number, mostPolls = Infinity, atFirstPoll = () => {}): Promise<number> => {
    const stop = new AbortController();
    const idle = new Set<number>();
    let polls = 0;
    const reader: DumpSource['transport']['reader'] = async (topics, from, partition): Promise<TopicReader> => {
      const inner = await transport.reader(topics, from, partition);
      return {
        async poll(waitMs) {
          if (++polls > mostPolls) throw new Cut();
          if (polls === 1) atFirstPoll();
          const records = await inner.poll(waitMs);
          if (records.length === 0 && idle.add(partition!).size === PARTITIONS) stop.abort();
          return records;
        },
        caughtUp: () => inner.caughtUp(),
        close: () => inner.close(),
      };
    };
    const source = {
      transport: {
        reader,
        partitionCount: (topic: 'training') => transport.partitionCount(topic),
        endOffsets: (topic: 'training') => transport.endOffsets(topic),
      } as DumpSource['transport'],
      codecs,
      config,
    };
    const rotation = { maxRows, maxAgeMs: 600_000 };
    return followToFiles(source, 'training', { folder, rotation, signal: stop.signal, clock, logger: silentLogger });
  };
  const append = (rows: readonly (readonly [TrainingSample, number])[]): Promise<void> =>
    transport.append(
      rows.map(([row, partition]): NewRecord => ({
        topic: 'training',
        key: null,
        partition,
        value: codecs.training.encode(row),
      })),
    );
  return { clock, folder, follow, append };
}

interface Stretch {
  readonly day: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Every file of a folder that has its name. */
async function stretchesOf(folder: string): Promise<readonly Stretch[]> {
  const found: Stretch[] = [];
  for (const day of readdirSync(folder).filter((name) => name.startsWith('day=')))
    for (const name of readdirSync(join(folder, day))) {
      const [, partition, from, to] = /^training-(\d+)-(\d{16})-(\d{16})\.parquet$/.exec(name)!.map(Number);
      const rows: Record<string, unknown>[] = [];
      for await (const batch of readParquet(join(folder, day, name))) rows.push(...(batch.rows as typeof rows));
      found.push({ day, partition: partition!, from: from!, to: to!, rows });
    }
  return found.sort((a, b) => a.partition - b.partition || a.from - b.from);
}

const idsOf = (stretches: readonly Stretch[]): readonly unknown[] =>
  stretches.flatMap(({ rows }) => rows.map((row) => row['sampleId'])).sort();

describe('a topic followed into Parquet files', () => {
  test('has every row in exactly one file, stretch behind stretch, whenever it was cut off and began again', async () => {
    const life = fc.record({
      appended: fc.integer({ min: 0, max: 12 }),
      hoursLater: fc.constantFrom(0, 0, 1, 30),
      maxRows: fc.integer({ min: 1, max: 7 }),
      polls: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 6 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        const world = await openWorld();
        let count = 0;
        for (const { appended, hoursLater, maxRows, polls } of lives) {
          await world.clock.advance(hoursLater * 3_600_000);
          const rows = Array.from({ length: appended }, () => sampleOf(count++));
          await world.append(rows.map((row, n) => [row, n % PARTITIONS]));
          await world.follow(maxRows, polls).catch((thrown: unknown) => {
            if (!(thrown instanceof Cut)) throw thrown;
          });
        }
        await world.follow(5);
        const stretches = await stretchesOf(world.folder);
        expect(idsOf(stretches)).toEqual(Array.from({ length: count }, (_, n) => `sample-${n}`).sort());
        for (const [n, { partition, from, rows, to }] of stretches.entries()) {
          const before = stretches[n - 1];
          expect(from).toBe(before?.partition === partition ? before.to : 0);
          expect(rows.length).toBeLessThanOrEqual(Math.min(7, to - from));
        }
        expect(readdirSync(world.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('begins a file with every day, by when rows were written, and names its folder after it', async () => {
    const { append, clock, follow, folder } = await openWorld();
    for (let n = 0; n < 4; n++) {
      await append([[sampleOf(n), 0]]);
      await clock.advance(DAY_MS / 2);
    }
    expect(await follow(100)).toBe(4);
    const stretches = await stretchesOf(folder);
    expect(stretches.map(({ day, rows }) => [day, rows.length])).toEqual([
      ['day=2026-01-05', 1],
      ['day=2026-01-06', 2],
      ['day=2026-01-07', 1],
    ]);
  });

  test('removes what a killed process has left without a name, and writes its rows again', async () => {
    const { append, follow, folder } = await openWorld();
    await append([[sampleOf(1), 0]]);
    writeFileSync(join(folder, '.training-0.part'), 'half a file');
    expect(await follow(100)).toBe(1);
    expect(idsOf(await stretchesOf(folder))).toEqual(['sample-1']);
    expect(readdirSync(folder)).toEqual(['day=2026-01-05']);
  });

  test('gives a row that has a new carried field the column of it', async () => {
    const { append, follow, folder } = await openWorld();
    await append([[sampleOf(1), 0]]);
    await append([[sampleOf(2, { 'items.price': 3.5 }), 0]]);
    await follow(100);
    const rows = (await stretchesOf(folder)).flatMap((stretch) => stretch.rows);
    expect(rows.map((row) => row['carried.items.price'] ?? null)).toEqual([null, 3.5]);
  });

  test('ends when another process writes into its folder', async () => {
    const { append, follow, folder } = await openWorld();
    await append([[sampleOf(1), 0]]);
    await follow(100);
    await append([[sampleOf(2), 0]]);
    const [day] = readdirSync(folder);
    const others = join(folder, day!, `training-0-${'0'.repeat(15)}1-${'0'.repeat(14)}99.parquet`);
    const shared = follow(100, Infinity, () => writeFileSync(others, ''));
    await expect(shared).rejects.toMatchObject({ code: 'dump-folder-shared' });
  });
});
