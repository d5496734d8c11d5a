import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNeededFrom } from '../../../src/adapters/local/committed.js';
import { ManualClock, MemoryLog, MemoryTransport, RecordingLogger } from '../../../src/adapters/memory/index.js';
import { topicName } from '../../../src/config/topics.js';
import { captureState, completeCapture, restoreState } from '../../../src/pipeline/checkpoint/capture.js';
import { readShelf } from '../../../src/pipeline/settings/shelf.js';
import { loadCheckpoint, type CheckpointSource } from '../../../src/pipeline/checkpoint/load.js';
import { packCheckpoint, unpackCheckpoint } from '../../../src/pipeline/checkpoint/pack.js';
import { decodeProgress } from '../../../src/pipeline/progress/progress.js';
import { emptyStreamState } from '../../../src/pipeline/stream-state.js';
import { INPUTS, type NewRecord } from '../../../src/ports/transport.js';
import { feed, live, outputsOf, progressOf, readAll, type Life, type World } from '../instance.js';
import { configOf, keyOf, T0 } from '../kit.js';
import { trafficOf } from '../traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;

function worldOf(checkpointEveryBytes: number): World {
  const config = configOf({
    batch: { lingerMs: 0, commitEveryMs: 0 },
    join: {
      attributionWindowMs: WINDOW_MS,
      allowedLatenessMs: LATENESS_MS,
      lateRetentionMs: 5_000,
      deduplicationWindowMs: 15_000,
      idleTimeoutMs: 1e9,
    },
    features: { maxSessions: 4, maxInterestVectors: 8, maxCounterEntries: 60 },
    selection: { scorer: 'uniform', budget: 0.5, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1e9, checkpointEveryBytes },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const traffic = (seed: number, lists: number) =>
  trafficOf({ seed, lists, windowMs: WINDOW_MS, latenessMs: LATENESS_MS }).records;
const seeds = fc.integer({ min: 1, max: 1_000_000 });

async function sourceOf({ log, clock, config }: World, logger: RecordingLogger): Promise<CheckpointSource> {
  const transport = new MemoryTransport({ application: config.application, topics: config.topics, clock, log });
  await transport.prepare();
  const owner = { application: config.application, partition: 0 };
  const every = Array.from({ length: 1_000 }, (_, index) => index);
  const { chunks } = await readShelf(transport, owner, every);
  return { owner, chunks, emptyState: () => emptyStreamState(config, keyOf), logger };
}

/** Writes over chunks of a checkpoint, as a failing disk might. */
async function damage(world: World, checkpointId: number): Promise<void> {
  const chunks = (await readAll(world, ['checkpoints'])).filter(
    ({ headers }) => headers['sluice.checkpointId'] === String(checkpointId),
  );
  const records = chunks.map(({ key, value, headers }): NewRecord => ({
    topic: 'checkpoints',
    partition: 0,
    key,
    value: Uint8Array.from(value!, (byte) => byte ^ 0x55),
    headers,
  }));
  await feed(world, records);
}

const newestOf = async (world: World): Promise<number | null> => decodeProgress(await progressOf(world)).checkpointId;

describe('a restored state', () => {
  it('is the captured one, column by column, and goes on alike from there', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40 }),
        async (seed, lists, stopAfterUnits) => {
          const world = worldOf(1e9);
          await feed(world, traffic(seed, lists));
          const { partition } = await live(world, { untilEnd: true, noise: seed, stopAfterUnits });
          const captured = captureState(partition!.state, partition!.reorder);
          await completeCapture(captured);
          const { chunks } = await packCheckpoint(1, captured);
          const state = emptyStreamState(world.config, keyOf);
          const unpacked = await unpackCheckpoint(Buffer.concat(chunks));
          restoreState(unpacked, state);
          const again = captureState(state, partition!.reorder);
          await completeCapture(again);
          const columns = async (of: typeof captured) =>
            (await unpackCheckpoint(Buffer.concat((await packCheckpoint(1, of)).chunks))).sections.map(
              ({ name, values }) => {
                // Sets are equal whatever the places of their keys.
                const isSet = /^seen.*\/(young|old)$/.test(name);
                return { name, values: isSet ? (values as Float64Array).slice().sort() : values };
              },
            );
          expect(await columns(again)).toEqual(await columns(captured));
          expect(again.join).toEqual(captured.join);
          expect(again.pending).toEqual(captured.pending);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a damaged checkpoint', () => {
  it('gives way to the one before it, loudly', async () => {
    const world = worldOf(2_000);
    await feed(world, traffic(5, 120));
    await live(world, { untilEnd: true, noise: 3, packsAtOnce: true });
    const newest = (await newestOf(world))!;
    expect(newest).toBeGreaterThan(2);
    const logger = new RecordingLogger();
    const source = await sourceOf(world, logger);
    const undamaged = await loadCheckpoint(source, newest);
    await damage(world, newest);
    const before = await loadCheckpoint(await sourceOf(world, logger), newest);
    expect(logger.messages('error')).toEqual(['checkpoint damaged, falling back to the one before it']);
    expect(before!.start.offsets.impressions).toBeLessThan(undamaged!.start.offsets.impressions);
    await damage(world, newest - 1);
    await expect(loadCheckpoint(await sourceOf(world, logger), newest)).rejects.toMatchObject({
      code: 'checkpoint-damaged',
    });
  });

  it('changes nothing in what is put out, whichever lives find it damaged', async () => {
    const ends: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.oneof(
      fc.record({ noise: seeds, packsAtOnce: fc.boolean(), stopAfterCommits: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ noise: seeds, packsAtOnce: fc.boolean(), failAtCommit: fc.integer({ min: 1, max: 30 }) }),
    );
    let damaged = 0;
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 40, max: 120 }),
        fc.constantFrom(300, 3_000),
        fc.array(ends, { minLength: 3, maxLength: 6 }),
        async (seed, lists, everyBytes, lives) => {
          const unbroken = worldOf(1e9);
          const broken = worldOf(everyBytes);
          for (const world of [unbroken, broken]) await feed(world, traffic(seed, lists));
          await live(unbroken, { untilEnd: true });
          let last: number | null = null;
          for (const life of lives) {
            await live(broken, { ...life, untilEnd: true });
            const newest = await newestOf(broken);
            // Two damaged ones in a row are one too many, so every other one.
            if (newest !== null && (last === null || newest > last + 1)) {
              await damage(broken, newest);
              last = newest;
              damaged++;
            }
          }
          expect((await live(broken, { untilEnd: true })).isDone).toBe(true);
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
          expect(decodeProgress(await progressOf(broken)).counts).toEqual(
            decodeProgress(await progressOf(unbroken)).counts,
          );
        },
      ),
      { numRuns: 12 },
    );
    expect(damaged).toBeGreaterThan(0);
  });
});

/** Deletes all the input that may be deleted. @returns how many messages that was */
function trimInputs({ log, config }: World): number {
  const needed = readNeededFrom(log, config.application, 0);
  return log.write(() =>
    INPUTS.reduce(
      (sum, input) =>
        sum + log.trim(topicName(config.topics, input), 0, { beforeOffset: needed[input], beforeMs: Infinity }, 1e9),
      0,
    ),
  );
}

describe('input that no restore can ask for', () => {
  it('may be gone: lives that lose it after each of them, and a checkpoint now and then, end as an unbroken one', async () => {
    const ends: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.record({
      noise: seeds,
      packsAtOnce: fc.constant(true),
      stopAfterCommits: fc.integer({ min: 5, max: 40 }),
    });
    let trimmed = 0;
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.integer({ min: 80, max: 140 }),
        fc.array(ends, { minLength: 3, maxLength: 6 }),
        async (seed, lists, lives) => {
          const unbroken = worldOf(1e9);
          const broken = worldOf(600);
          for (const world of [unbroken, broken]) await feed(world, traffic(seed, lists));
          await live(unbroken, { untilEnd: true });
          let last: number | null = null;
          for (const life of lives) {
            await live(broken, { ...life, untilEnd: true });
            trimmed += trimInputs(broken);
            const newest = await newestOf(broken);
            if (newest !== null && newest > 1 && (last === null || newest > last + 1)) {
              await damage(broken, newest);
              last = newest;
            }
          }
          expect((await live(broken, { untilEnd: true })).isDone).toBe(true);
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
          expect(decodeProgress(await progressOf(broken)).counts).toEqual(
            decodeProgress(await progressOf(unbroken)).counts,
          );
        },
      ),
      { numRuns: 12 },
    );
    expect(trimmed).toBeGreaterThan(0);
  });
});

describe('a checkpoint that waits for its impressions', () => {
  it('is turned to by a later process, so that lives shorter than a window get on', async () => {
    const world = worldOf(2_000);
    await feed(world, traffic(9, 120));
    // Nine commits are far less than a window of events takes.
    for (let lives = 0; lives < 12; lives++)
      await live(world, {
        untilEnd: false,
        noise: lives + 1,
        packsAtOnce: true,
        stopAfterCommits: 9,
        stopAfterUnits: 300,
      });
    const { checkpointId } = decodeProgress(await progressOf(world));
    expect(checkpointId).toBeGreaterThan(0);
    const point = await loadCheckpoint(await sourceOf(world, new RecordingLogger()), checkpointId);
    // How far depends on when packing ends: on a busy machine a life of nine commits may end before it.
    expect(point!.start.offsets.impressions).toBeGreaterThan(0);
  });
});
