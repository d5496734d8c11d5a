import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { CORRECTS, readCorrection } from '../../src/events/correction.js';
import type { LateInteraction, TrainingSample } from '../../src/events/words.js';
import { decodeProgress } from '../../src/pipeline/progress/progress.js';
import { feed, live, outputsOf, progressOf, readAll, type Life, type World } from './instance.js';
import { cleanInteraction, cleanList, configOf, T0 } from './kit.js';
import { Story } from './story.js';
import { trafficOf } from './traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const JOIN = { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS };

const storyOf = (label: ConfigInput['label'] = {}): Story =>
  new Story({ join: { ...JOIN, lateRetentionMs: 10 * DAY_MS, deduplicationWindowMs: 20 * DAY_MS }, label });
const counted = ({ counts }: Story): number[] => [
  counts.latePositivesHour,
  counts.latePositivesSixHours,
  counts.latePositivesDay,
  counts.latePositivesLater,
];

describe('a late positive', () => {
  it('is counted by how long after the end of the window it was done', () => {
    const story = storyOf();
    story.show(cleanList('r1', T0, ['a', 'b', 'c', 'd', 'e']));
    const after = [1, HOUR_MS - 1, HOUR_MS, 23 * HOUR_MS, 9 * DAY_MS];
    'abcde'.split('').forEach((itemId, i) => {
      story.act(cleanInteraction('CLICK', T0 + WINDOW_MS + after[i]!, itemId, { requestId: 'r1' }));
    });
    expect(counted(story)).toEqual([2, 1, 1, 1]);
  });

  it('is the first interaction of its impression that reaches the goal of its surface, and no other', () => {
    const story = storyOf({ surfaceGoals: { AD: 'PURCHASE' } });
    story.show(cleanList('r1', T0, ['a', 'b', 'c']), cleanList('r2', T0, ['d'], { surface: 'AD' }));
    const late = (type: 'VIEW' | 'CLICK' | 'PURCHASE', itemId: string, requestId = 'r1') =>
      story.act(cleanInteraction(type, T0 + WINDOW_MS + 5, itemId, { requestId }));
    story.act(cleanInteraction('CLICK', T0 + 1, 'c', { requestId: 'r1' }));
    late('CLICK', 'a');
    late('PURCHASE', 'a');
    late('VIEW', 'b');
    late('PURCHASE', 'c');
    late('CLICK', 'd', 'r2');
    expect(counted(story)).toEqual([1, 0, 0, 0]);
    late('PURCHASE', 'd', 'r2');
    expect(counted(story)).toEqual([2, 0, 0, 0]);
  });

  it('of an impression that was not examined is none: there is no sample to correct', () => {
    const story = storyOf({ examined: 'viewed' });
    story.show(cleanList('r1', T0, ['a', 'b']));
    story.act(
      cleanInteraction('VIEW', T0 + 1, 'a', { requestId: 'r1' }),
      cleanInteraction('CLICK', T0 + WINDOW_MS + 5, 'b', { requestId: 'r1' }),
      cleanInteraction('CLICK', T0 + WINDOW_MS + 6, 'a', { requestId: 'r1' }),
    );
    expect(story.late).toHaveLength(2);
    expect(counted(story)).toEqual([1, 0, 0, 0]);
  });
});

function worldOf(lateLabels: boolean): World {
  const config = configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    clean: { maxFutureMs: 2_000 },
    join: { ...JOIN, lateRetentionMs: 30_000, idleTimeoutMs: 1_000_000_000, surfaceWindowsMs: { AD: 4_000 } },
    label: { surfaceExamined: { SEARCH: 'above-last-click' } },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
    retrain: { lateLabels },
    state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 5_000 },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const stop: fc.Arbitrary<Omit<Life, 'untilEnd'>> = fc.oneof(
  fc.record({ noise: fc.nat(1e6), failAtCommit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ noise: fc.nat(1e6), loseAnswerAtCommit: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ noise: fc.nat(1e6), stopAfterCommits: fc.integer({ min: 1, max: 25 }), retires: fc.boolean() }),
);

async function rowsOf<T>(world: World, topics: Parameters<typeof readAll>[1]) {
  const records = await readAll(world, topics);
  return records.map(({ value, headers }) => ({ headers, row: JSON.parse(Buffer.from(value!).toString()) as T }));
}

describe('the record of a late positive', () => {
  it('says how many samples were final before its turn, whatever the units of work, stops and kills', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.array(stop, { maxLength: 4 }), async (seed, stops) => {
        const { records } = trafficOf({ seed, lists: 60, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
        const world = worldOf(true);
        await feed(world, records);
        const broken = { ...world, log: world.log.copy() };
        const plain = { ...worldOf(false), log: world.log.copy() };
        await live(world, { untilEnd: true });
        for (const life of stops) await live(broken, { ...life, untilEnd: false, stopAfterUnits: 300 });
        await live(broken, { untilEnd: true });
        await live(plain, { untilEnd: true });
        expect(await outputsOf(broken)).toEqual(await outputsOf(world));

        const closes = (await rowsOf<TrainingSample>(world, ['training', 'audit'])).map(({ row }) => row.closeTimeMs);
        const late = await rowsOf<LateInteraction>(world, ['late']);
        const corrections = late.filter(({ headers }) => headers[CORRECTS] !== undefined);
        for (const { row, headers } of corrections) {
          const turnMs = row.eventTimeMs + row.behindWatermarkMs;
          expect(readCorrection(headers[CORRECTS])).toMatchObject({
            partition: 0,
            partitionCount: 1,
            after: closes.filter((closeTimeMs) => closeTimeMs < turnMs).length,
          });
        }
        const { counts } = decodeProgress(await progressOf(broken));
        const { latePositivesHour, latePositivesSixHours, latePositivesDay, latePositivesLater } = counts;
        expect(latePositivesHour + latePositivesSixHours + latePositivesDay + latePositivesLater).toBe(
          corrections.length,
        );
        told += corrections.length;

        // Without the option the rows are the same, and none says so.
        const bare = await rowsOf<LateInteraction>(plain, ['late']);
        expect(bare.map(({ row }) => row)).toEqual(late.map(({ row }) => row));
        expect(bare.some(({ headers }) => CORRECTS in headers)).toBe(false);
      }),
      { numRuns: 12 },
    );
    expect(told).toBeGreaterThan(20);
  });
});
