import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../../src/adapters/memory/index.js';
import { changeClassOf } from '../../../src/config/changes.js';
import { listOptions } from '../../../src/config/options.js';
import type { Config } from '../../../src/config/schema.js';
import { decodeProgress } from '../../../src/pipeline/progress/progress.js';
import { feed, live, outputsOf, progressOf, readAll, type Life, type World } from '../instance.js';
import { configOf, T0 } from '../kit.js';
import { trafficOf } from '../traffic.js';

const WINDOW_MS = 10_000;
const LATENESS_MS = 1_000;

/** Other values than the ones a story begins with, by option; an option of the stream that is not here fails a test. */
const OTHERS: Readonly<Record<string, readonly unknown[]>> = {
  'decode.maxMessageBytes': [300, 600],
  'clean.timeUnit': ['ms'],
  'clean.maxFutureMs': [0, 60_000],
  'clean.oldestEventTimeMs': [T0 + 20_000],
  'clean.maxItems': [1, 2],
  'clean.maxTextLength': [3],
  'clean.currency': ['EUR', 'USD'],
  'clean.currencies': [{ EUR: 1, USD: 0.9, GBP: 1.2 }],
  'privacy.requestIds': ['pseudonymous'],
  'encoder.enabled': [false],
  'encoder.maxTokens': [8],
  'encoder.textForm': ['nfkc', 'as-is'],
  'encoder.device': ['webgpu'],
  'encoder.kind': ['http'],
  'join.attributionWindowMs': [2_000, 4_000, 25_000],
  'join.surfaceWindowsMs': [{ AD: 2_000 }, { SEARCH: 30_000, AD: 4_000 }],
  'join.allowedLatenessMs': [0, 200, 5_000],
  'join.idleTimeoutMs': [1_000],
  'join.maxReorderBytes': [8_000],
  'join.maxOpenImpressions': [6, 30],
  'join.overflow': ['close-oldest'],
  'join.maxPendingInteractions': [1, 5],
  'join.lateRetentionMs': [0, 60_000],
  'join.deduplicationWindowMs': [1_000, 60_000],
  'join.maxDeduplicationEntries': [8, 40],
  'label.goal': ['PURCHASE', 'VIEW'],
  'label.surfaceGoals': [{ AD: 'PURCHASE' }, { SEARCH: 'VIEW', AD: 'CLICK' }],
  'label.examined': ['viewed', 'above-last-click'],
  'label.surfaceExamined': [{ AD: 'viewed' }, { SEARCH: 'above-last-click' }],
  'label.examinedBelow': [1],
  'features.shortHalfLifeMs': [5_000],
  'features.longHalfLifeMs': [60_000],
  'features.smoothing': [50],
  'features.counters': ['shared'],
  'features.shareEveryMs': [2_000],
  'features.omit': [['itemShown'], []],
  tables: [[{ name: 'shop', from: { topic: 'shop' } }]],
  'features.declared': [
    [
      { name: 'cost', from: 'items.price', kind: 'number' },
      { name: 'found', from: 'items.title', kind: 'match', by: 'bm25' },
      { name: 'spent', from: 'interactions.value', kind: 'number' },
    ],
  ],
  'features.state': [
    [
      { name: 'ownActs', kind: 'count', by: ['user', 'item'], of: 'acted', halfLifeMs: 10_000 },
      { name: 'ownShown', kind: 'window', by: ['query'], of: 'shown', windowMs: 30_000 },
    ],
  ],
  'features.history.session.acted': [3],
  'features.history.session.shown': [4],
  'features.history.user.acted': [3],
  'features.history.user.shown': [4],
  'features.history.types': [['PURCHASE']],
  'features.history.maxSessions': [2],
  'features.history.maxUsers': [2],
  'features.text.item': [2],
  'features.text.query': [2],
  'features.text.product': [2],
  'features.text.taste': [true],
  'features.text.tasteHalfLifeMs': [5_000],
  'features.deviceField': ['channel'],
  'features.maxCounterEntries': [8, 40],
  'features.maxInterestVectors': [1],
  'quality.contradicted.action': ['off'],
  'quality.contradicted.maxLabelProbability': [0.2],
  'quality.contradicted.minContradictions': [5],
  'quality.contradicted.halfLifeMs': [1_000],
  'quality.contradicted.atMost': [0.1],
  'selection.scorer': ['surprise', 'disagreement'],
  'selection.salt': ['other'],
  'selection.defensiveShare': [0.5],
  'selection.controllerRate': [0.01],
  'selection.expectedClickRate': [0.1],
  'batch.maxBytes': [2_000],
  'state.checkpointEveryMs': [10],
  'state.checkpointEveryBytes': [2_000],
  'output.embeddings': [true],
  'output.carry': [['items.price']],
};

/** Sections that a partition's stream goes by; the others are about processes, topics and learning. */
const OF_THE_STREAM = /^(decode|clean|encoder|join|label|features|quality|selection|batch|state|output)\./;
/** Said elsewhere: refused ones below, those that need files or more of them, and what changes nothing of a stream. */
const ELSEWHERE =
  /^(quality\.(rules|own)|features\.maxSessions|encoder\.(server|model|tokenizer|sha256|pooling|prefix|threads|cache)|batch\.(lingerMs|commitEveryMs)|selection\.(budgets?|perSecond|throttle|keep|value|auditFraction|committee|learnCommittee))/;

interface Change {
  readonly path: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc
  .constantFrom(...Object.entries(OTHERS).flatMap(([path, values]) => values.map((value) => ({ path, value }))))
  .map(({ path, value }) => ({ path, value }));

/** A clock far ahead that is believed, at the end or in a silence, takes the stream past a short memory of ids at once. */
const FOREVER_MS = 1_000_000_000;

function worldOf(checkpointEveryBytes: number, deduplicationWindowMs = 15_000): World {
  const config = configOf({
    topics: { partitions: 1 },
    batch: { lingerMs: 0, commitEveryMs: 0 },
    clean: { maxFutureMs: 2_000 },
    join: {
      attributionWindowMs: WINDOW_MS,
      allowedLatenessMs: LATENESS_MS,
      lateRetentionMs: 5_000,
      deduplicationWindowMs,
      idleTimeoutMs: 1_000_000_000,
    },
    features: { shortHalfLifeMs: 20_000, longHalfLifeMs: 120_000, maxSessions: 40 },
    // Everything is kept, so that every sample can be seen.
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

function changed(config: Config, { path, value }: Change): Config {
  const copy = structuredClone(config) as unknown as Record<string, Record<string, unknown>>;
  const names = path.split('.');
  const last = names.pop()!;
  let at = copy as Record<string, unknown>;
  for (const name of names) at = at[name] as Record<string, unknown>;
  at[last] = value;
  return configOf(copy as never);
}

/**
 * The accounting adds up, and no sample is there twice.
 * @param mayRepeat the memory of what was seen is too short for what this traffic repeats, whether anything changes or not
 */
async function expectWhole(world: World, mayRepeat = false): Promise<void> {
  const { counts } = decodeProgress(await progressOf(world));
  const { impressionsRead, impressionsDuplicate, impressionsDeadLettered, impressionsUnexamined } = counts;
  const waited = impressionsRead - impressionsDuplicate - impressionsDeadLettered;
  expect(counts.samplesSeen + impressionsUnexamined).toBe(waited);
  expect(counts.samplesSeen).toBe(counts.samplesKept + counts.samplesAudit + counts.samplesDropped);
  const rows = await readAll(world, ['training', 'audit']);
  const ids = rows.map(({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { sampleId: string }).sampleId);
  expect(ids.length).toBe(counts.samplesKept + counts.samplesAudit);
  if (!mayRepeat) expect(new Set(ids).size).toBe(ids.length);
}

const seed = fc.integer({ min: 1, max: 1_000_000 });
const story = fc.record({
  seed,
  checkpointEveryBytes: fc.constantFrom(3_000, 20_000, 1_000_000_000),
  /** Settings of the second life, and of the third. */
  changes: fc.tuple(change, change),
  stops: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  noise: fc.tuple(seed, seed),
  breaks: fc.array(
    fc.oneof(
      fc.record({ noise: seed, failAtCommit: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ noise: seed, loseAnswerAtCommit: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ noise: seed, stopAfterUnits: fc.integer({ min: 1, max: 15 }) }),
    ),
    { maxLength: 4 },
  ),
});

describe('a change of settings between two runs', () => {
  it('has a value to try for every option of the stream', () => {
    const paths = listOptions()
      .map(({ path }) => path)
      .filter((path) => OF_THE_STREAM.test(path) && !ELSEWHERE.test(path));
    expect(paths.filter((path) => OTHERS[path] === undefined)).toEqual([]);
    for (const [path, values] of Object.entries(OTHERS))
      for (const value of values) expect(() => changed(worldOf(1_000).config, { path, value })).not.toThrow();
  });

  it('loses and doubles nothing, whatever it is, and killed lives after it give what one unbroken life gives', async () => {
    await fc.assert(
      fc.asyncProperty(story, async ({ seed, checkpointEveryBytes, changes, stops, noise, breaks }) => {
        const isWild = seed % 2 === 0;
        const { records } = trafficOf({
          seed,
          lists: 60,
          windowMs: WINDOW_MS,
          latenessMs: LATENESS_MS,
          wildShare: isWild ? 0.1 : 0,
        });
        const first = worldOf(checkpointEveryBytes, isWild ? FOREVER_MS : undefined);
        await feed(first, records);
        await live(first, { untilEnd: false, noise: noise[0], stopAfterCommits: stops[0], stopAfterUnits: 400 });
        const second = { ...first, config: changed(first.config, changes[0]) };
        await live(second, { untilEnd: false, noise: noise[1], stopAfterCommits: stops[1], stopAfterUnits: 400 });
        const third = { ...first, config: changed(second.config, changes[1]) };

        // The same log goes on twice: with one life, and with lives that are broken.
        const endOf = async (broken: readonly Omit<Life, 'untilEnd'>[]): Promise<World> => {
          const world = { ...third, log: first.log.copy() };
          for (const life of broken) await live(world, { ...life, untilEnd: true });
          expect((await live(world, { untilEnd: true })).isDone).toBe(true);
          return world;
        };
        const isTimed = changes.some(({ path }) => path === 'join.idleTimeoutMs');
        const forgets = changes.some(({ path }) =>
          /^join\.(deduplicationWindowMs|maxDeduplicationEntries)$/.test(path),
        );
        const unbroken = await endOf([]);
        await expectWhole(unbroken, forgets);
        const killed = await endOf(breaks);
        await expectWhole(killed, forgets);
        if (!isTimed) expect(await outputsOf(killed)).toEqual(await outputsOf(unbroken));
      }),
      {
        numRuns: Number(process.env['SETTINGS_RUNS'] ?? 60),
        // A checkpoint of the life before was turned to, although its counters had been kept under another bound.
        examples: [
          [
            {
              seed: 28612,
              checkpointEveryBytes: 3000,
              changes: [
                { path: 'decode.maxMessageBytes', value: 300 },
                { path: 'features.maxCounterEntries', value: 8 },
              ],
              stops: [27, 1],
              noise: [385926, 1],
              breaks: [{ noise: 75787, loseAnswerAtCommit: 1 }],
            },
          ],
        ],
      },
    );
  });

  it('a longer window acts from where the restart stands: nothing twice, and what was open closes by it', async () => {
    const world = worldOf(1_000_000_000);
    const { records } = trafficOf({ seed: 11, lists: 60, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
    await feed(world, records);
    await live(world, { untilEnd: false, noise: 5, stopAfterCommits: 25, stopAfterUnits: 400 });
    const before = decodeProgress(await progressOf(world));
    const longer = { ...world, config: changed(world.config, { path: 'join.attributionWindowMs', value: 60_000 }) };
    await live(longer, { untilEnd: true });
    await expectWhole(longer);
    const after = decodeProgress(await progressOf(longer));
    expect(before.counts.samplesSeen).toBeGreaterThan(20);
    expect(after.forced.filter((decree) => 'settings' in decree)).toHaveLength(1);
  });

  it.each([
    ['quality.rules.sessionRate.maxPerWindow', 3],
    ['quality.own', ['own:rule']],
    ['features.maxSessions', 7],
    ['wire.inputFormat', 'avro'],
    ['transport.repartition', 'session'],
  ])('of %s is refused with both values, and nothing has happened', async (path, value) => {
    expect(changeClassOf(path)).toBe('refused');
    const world = worldOf(1_000_000_000);
    const { records } = trafficOf({ seed: 3, lists: 30, windowMs: WINDOW_MS, latenessMs: LATENESS_MS });
    await feed(world, records);
    await live(world, { untilEnd: false, stopAfterCommits: 5 });
    const before = [await progressOf(world), await outputsOf(world)];
    const other = { ...world, config: changed(world.config, { path, value }) };
    await expect(live(other, { untilEnd: true })).rejects.toMatchObject({
      code: 'settings-changed',
      message: expect.stringContaining(`${path} was`) as string,
    });
    expect([await progressOf(world), await outputsOf(world)]).toEqual(before);
    await live(world, { untilEnd: true });
    await expectWhole(world);
  });
});
