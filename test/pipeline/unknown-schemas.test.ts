import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import { decodeProgress } from '../../src/pipeline/progress/progress.js';
import { feed, live, outputsOf, progressOf, type World } from './instance.js';
import { configOf, T0 } from './kit.js';
import { trafficOf } from './traffic.js';

function world(): World {
  const config = configOf({
    batch: { lingerMs: 0, commitEveryMs: 0 },
    join: { attributionWindowMs: 10_000, allowedLatenessMs: 1_000, idleTimeoutMs: 1e9 },
    selection: { scorer: 'uniform', budget: 0.7, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1e9, checkpointEveryBytes: 1e12 },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: T0 + 200_000 }), config };
}

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const records = (seed: number) => trafficOf({ seed, lists: 40, windowMs: 10_000, latenessMs: 1_000 }).records;
const SOME = /"requestId":"r\d*[37]"/;

describe('messages whose schema the registry does not know', () => {
  it('stay refused in a re-read, though the registry knows it by then: nothing is lost, doubled or changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.array(fc.record({ noise: seeds, stopAfterCommits: fc.integer({ min: 1, max: 20 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (seed, lives) => {
          const unbroken = world();
          const broken = world();
          for (const one of [unbroken, broken]) await feed(one, records(seed));
          await live(unbroken, { untilEnd: true, unknownSchema: SOME });
          // All of the input is read while the schema is unknown, and nothing after that.
          await live(broken, { untilEnd: false, unknownSchema: SOME, stopAfterUnits: 300 });
          for (const life of lives) await live(broken, { ...life, untilEnd: true });
          await live(broken, { untilEnd: true });
          expect(await outputsOf(broken)).toEqual(await outputsOf(unbroken));
          expect(decodeProgress(await progressOf(broken)).counts).toEqual(
            decodeProgress(await progressOf(unbroken)).counts,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('and which it knew before end the re-read: what became of them cannot be repeated', async () => {
    const one = world();
    await feed(one, records(1));
    await live(one, { untilEnd: true, noise: 1, stopAfterCommits: 8 });
    await expect(live(one, { untilEnd: true, unknownSchema: SOME })).rejects.toMatchObject({
      code: 'schema-registry-unreachable',
    });
  });
});
