import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/adapters/memory/index.js';
import { firstAhead, isPassed, quotasAt } from '../../src/app/fit-quotas.js';
import { FitRounds, GATHER_MS } from '../../src/app/fit-rounds.js';
import type { FitReport } from '../../src/learn/index.js';
import { nextFitAt, retryFitAt } from '../../src/learn/trigger.js';
import type { SnapshotManifest } from '../../src/snapshot/manifest.js';

const EVERY = 40;

/** A fit that was tried: the samples of each partition that it saw. */
type Tried = readonly number[];

/** What the application leaves behind: it survives a process. */
class Application {
  readonly tried: Tried[] = [];
  readonly manifests: SnapshotManifest[] = [];
  readonly committed: number[];
  /** For each sample of each partition, how many fits were published before it was scored. */
  readonly scoredBy: number[][];

  constructor(
    readonly sizes: readonly number[],
    /** Whether there is enough to fit at so many samples. */
    readonly isEnough: (seen: number) => boolean,
  ) {
    this.committed = sizes.map(() => 0);
    this.scoredBy = sizes.map(() => []);
  }

  get isOver(): boolean {
    return this.committed.every((count, partition) => count === this.sizes[partition]);
  }

  publish(seen: number, counts: readonly number[]): FitReport | undefined {
    this.tried.push(counts);
    if (!this.isEnough(seen)) return undefined;
    const manifest = { trainedOn: { seen, seenBy: counts } } as SnapshotManifest;
    this.manifests.push(manifest);
    return { manifest } as FitReport;
  }
}

/** The same application worked through sample by sample, in the order that {@link quotasAt} promises. */
function inOrder(sizes: readonly number[], isEnough: (seen: number) => boolean): Application {
  const app = new Application(sizes, isEnough);
  let nextAt = nextFitAt(0, EVERY);
  while (!app.isOver) {
    const bases = app.manifests.at(-1)?.trainedOn.seenBy ?? sizes.map(() => 0);
    const rounds = app.committed.map((count, p) => (count < sizes[p]! ? count - bases[p]! : Infinity));
    const next = rounds.indexOf(Math.min(...rounds));
    const seen = app.committed.reduce((sum, count) => sum + count, 0);
    if (seen === nextAt) nextAt = (app.publish(seen, [...app.committed]) ? nextFitAt : retryFitAt)(seen, EVERY);
    app.scoredBy[next]!.push(app.manifests.length);
    app.committed[next]!++;
  }
  return app;
}

/** One process: takes the partitions at chance times, and ends when all are done or after so many commits. */
async function life(app: Application, schedule: fc.Scheduler, units: () => number, mostCommits: number): Promise<void> {
  const stop = new AbortController();
  const rounds = new FitRounds({
    follower: { manifests: () => app.manifests },
    retrainer: {
      async run(seen, _, counts) {
        await schedule.schedule(Promise.resolve(), 'fit');
        return app.publish(seen, counts!);
      },
    },
    retrain: { everySamples: EVERY },
    partitionCount: app.sizes.length,
    seenOf: (partition) => app.committed[partition]!,
    isRetraining: () => true,
    clock: new ManualClock(),
    signal: stop.signal,
  });
  let commits = 0;
  const work = async (partition: number): Promise<void> => {
    await schedule.schedule(Promise.resolve(), 'assigned');
    rounds.take(partition);
    await schedule.schedule(Promise.resolve(), 'restored');
    while (app.committed[partition]! < app.sizes[partition]!) {
      const from = app.committed[partition]!;
      const allowance = await rounds.allowance(partition, from, stop.signal);
      if (allowance === 0) return;
      const count = Math.min(allowance, app.sizes[partition]! - from, units());
      const champion = app.manifests.length;
      await schedule.schedule(Promise.resolve(), 'scored');
      expect(app.manifests.length, 'nobody fits while a unit is under way').toBe(champion);
      // A process that dies here has committed nothing of the unit.
      if (stop.signal.aborted) return;
      for (let i = 0; i < count; i++) app.scoredBy[partition]!.push(champion);
      app.committed[partition] = from + count;
      if (++commits >= mostCommits) stop.abort();
      await schedule.schedule(Promise.resolve(), 'committed');
    }
    rounds.giveBack(partition);
  };
  await schedule.waitFor(Promise.all(app.sizes.map((_, partition) => work(partition))));
  stop.abort();
}

const sizes = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 150 })), { minLength: 1, maxLength: 5 });
const unitSizes = fc.infiniteStream(fc.integer({ min: 1, max: 30 }));
/** Some fits find too little. */
const enough = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });

describe('rounds of fits', () => {
  test('what a fit sees and which champion scores a sample is a function of the input, whoever ends early', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), sizes, unitSizes, enough, async (schedule, counts, units, isEnough) => {
        const answer = (seen: number): boolean => isEnough[seen % 7]!;
        const app = new Application(counts, answer);
        await life(app, schedule, () => units.next().value!, Infinity);
        const expected = inOrder(counts, answer);
        expect(app.tried).toEqual(expected.tried);
        expect(app.scoredBy).toEqual(expected.scoredBy);
      }),
      { numRuns: 300 },
    );
  });

  test('a process that stops or dies anywhere leads to the same rounds', async () => {
    const stops = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        sizes,
        unitSizes,
        enough,
        stops,
        async (schedule, counts, units, isEnough, most) => {
          const answer = (seen: number): boolean => isEnough[seen % 7]!;
          const app = new Application(counts, answer);
          for (const commits of [...most, Infinity]) await life(app, schedule, () => units.next().value!, commits);
          const expected = inOrder(counts, answer);
          expect(app.isOver).toBe(true);
          expect(app.scoredBy).toEqual(expected.scoredBy);
          // A fit that found too little may be tried again, at the same samples.
          const distinct = app.tried.filter((tried, i) => String(tried) !== String(app.tried[i - 1]));
          expect(distinct).toEqual(expected.tried);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('quotas sum to the target, never shrink when a partition ends, and a target is passed after those before it', () => {
    const standing = fc.record({ count: fc.nat(50), base: fc.constant(0), isOpen: fc.boolean() });
    fc.assert(
      fc.property(fc.array(standing, { minLength: 1, maxLength: 6 }), fc.nat(200), (standings, target) => {
        const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
        const quotas = quotasAt(target, standings);
        if (standings.some(({ isOpen }) => isOpen)) expect(sum(quotas)).toBe(Math.max(target, 0));
        else expect(sum(quotas)).toBe(Math.min(target, sum(standings.map(({ count }) => count))));
        const later = quotasAt(
          target,
          standings.map((one, i) => ({ ...one, isOpen: one.isOpen && one.count >= quotas[i]! })),
        );
        later.forEach((quota, i) => {
          if (standings[i]!.isOpen && standings[i]!.count >= quotas[i]!)
            expect(quota).toBeGreaterThanOrEqual(quotas[i]!);
        });
        const ahead = firstAhead(target, 3, standings);
        let slowly = target;
        while (isPassed(slowly, standings)) slowly += 3;
        expect(ahead).toBe(slowly);
      }),
    );
  });
});

describe('holding for a fit', () => {
  const held = (over: Partial<ConstructorParameters<typeof FitRounds>[0]> = {}) => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const tried: Tried[] = [];
    const rounds = new FitRounds({
      follower: { manifests: () => [] },
      retrainer: { run: async (_, __, counts) => void tried.push(counts!) },
      retrain: { everySamples: EVERY },
      partitionCount: 2,
      seenOf: () => 0,
      isRetraining: () => true,
      clock,
      signal: stop.signal,
      ...over,
    });
    return { rounds, clock, stop, tried };
  };
  const never = new AbortController().signal;

  test('the abort lets every partition end, and none of them scores beyond its quota', async () => {
    const { rounds, stop, tried } = held();
    rounds.take(0);
    rounds.take(1);
    const waiting = [rounds.allowance(0, 0, stop.signal), rounds.allowance(1, 0, stop.signal)];
    expect(await Promise.all(waiting)).toEqual([3, 2]);
    const ahead = rounds.allowance(0, 3, stop.signal);
    stop.abort();
    expect(await ahead).toBe(0);
    expect(tried).toEqual([]);
  });

  test('a partition that is taken away while it waits lets the others go on', async () => {
    const { rounds } = held({ seenOf: (partition) => (partition === 0 ? 3 : 0) });
    const lease = new AbortController();
    rounds.take(0);
    rounds.take(1);
    const first = rounds.allowance(0, 0, lease.signal);
    const second = rounds.allowance(1, 0, never);
    expect([await first, await second]).toEqual([3, 2]);
    const ahead = rounds.allowance(1, 2, never);
    lease.abort();
    expect(await rounds.allowance(0, 3, lease.signal)).toBe(0);
    rounds.giveBack(0);
    // The first fit was due at five samples and found too little; the next try comes five later, all of them its own.
    expect(await ahead).toBe(5);
  });

  test('a fit that throws ends one partition for a restart, and is tried again when that one is back', async () => {
    let failures = 1;
    const tried: Tried[] = [];
    const { rounds } = held({
      retrainer: {
        run: async (_, __, counts) => {
          if (failures-- > 0) throw new Error('the log is away');
          return void tried.push(counts!);
        },
      },
    });
    rounds.take(0);
    rounds.take(1);
    await Promise.all([rounds.allowance(0, 0, never), rounds.allowance(1, 0, never)]);
    const failed = rounds.allowance(0, 3, never);
    const other = rounds.allowance(1, 2, never);
    await expect(failed).rejects.toThrow('the log is away');
    expect(tried).toEqual([]);
    expect([await rounds.allowance(0, 3, never), await other]).toEqual([2, 3]);
    expect(tried).toEqual([[3, 2]]);
  });

  test('partitions that another process works on are waited for once, then not', async () => {
    const { rounds, clock } = held({ seenOf: (partition) => (partition === 1 ? 100 : 0) });
    rounds.take(0);
    let answer: number | undefined;
    const asked = rounds.allowance(0, 0, never).then((allowance) => (answer = allowance));
    await Promise.resolve();
    expect(answer).toBeUndefined();
    await clock.advance(GATHER_MS);
    expect(await asked).toBeGreaterThan(0);
  });

  test('where another process fits, nobody waits', async () => {
    const { rounds } = held({ isRetraining: () => false });
    rounds.take(0);
    rounds.take(1);
    expect(await rounds.allowance(1, 0, never)).toBe(Infinity);
  });
});
