import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noMetrics, silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { describeFeatures } from '../../src/app/describe.js';
import { resetApplication } from '../../src/app/reset.js';
import { reread } from '../../src/app/why/reread.js';
import type { Trace } from '../../src/app/why/trace.js';
import { openParts } from '../../src/app/wire.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { impressionIdOf } from '../../src/events/impression-id.js';
import { takeClosed } from '../../src/pipeline/close/close.js';
import { plainly } from '../../src/pipeline/stage.js';
import { TO_STATE } from '../../src/pipeline/stages/index.js';
import type { Partition } from '../../src/pipeline/partition.js';
import { type Application, type Changes, type Place, type Row, World } from './fixture.js';
import { startSluice } from './process-child.js';

const IMPRESSIONS = 4_000;
const PARTITIONS = 4;

type Columns = readonly (number | null)[];

/** What must hold where partitions share counters, on any transport. @param threadCounts that they live in, each a run */
export function sharedCounterLaws(title: string, place: Place, threadCounts: readonly number[] = [1, 2]): void {
  describe(`partitions that share counters on ${title}`, { timeout: 300_000 }, () => {
    const world = new World(place, {
      topics: { partitions: PARTITIONS },
      join: { attributionWindowMs: 300_000, allowedLatenessMs: 10_000 },
      features: { counters: 'shared', shareEveryMs: 20_000, omit: [] },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
      retrain: { promote: 'manual', proof: { enabled: false } },
      batch: { commitEveryMs: 0, lingerMs: 0 },
      state: { checkpointEveryMs: 300 },
    });
    const events = join(world.folder, 'simulated');
    let at: number;
    let alone: number;
    let apart: number;

    const run = async (changes: Changes): Promise<ReadonlyMap<string, Row>> => {
      const application = world.application(changes);
      await application.runToEnd(events);
      return application.samples();
    };
    /** Mean times that items had been shown, of the later half of the samples. */
    const meanShown = (samples: ReadonlyMap<string, Row>): number => {
      const rows = [...samples.values()].sort((a, b) => Number(a['eventTimeMs']) - Number(b['eventTimeMs']));
      const later = rows.slice(rows.length / 2).map(({ features }) => features[at]!);
      return later.reduce((sum, shown) => sum + shown, 0) / later.length;
    };

    beforeAll(async () => {
      await simulateToFiles({ folder: events, impressionCount: IMPRESSIONS, seed: 5, itemCount: 300 });
      const { columns } = await describeFeatures(world.application().config);
      at = columns.findIndex(({ name }) => name === 'itemShown');
      alone = meanShown(await run({ topics: { partitions: 1 } }));
      apart = meanShown(await run({ features: { omit: [] } }));
    });
    afterAll(() => world.remove());

    it.each(threadCounts)(
      'count about what one partition counts, in %i threads; on their own they do not',
      async (threads) => {
        const shared = meanShown(await run({ run: { threads } }));
        expect(shared / alone).toBeGreaterThan(0.6);
        expect(shared / alone).toBeLessThan(1.05);
        expect(apart / alone).toBeLessThan(0.5);
      },
    );

    it('give each sample once, with the columns that a re-read of everything finds, through kills', async () => {
      const application = world.application();
      await application.send(events);
      for (const threads of [1, 2]) await killedAfter(application, (threads * IMPRESSIONS) / 4, threads);
      await application.runToEnd();
      const samples = await application.samples();
      expect(samples.size).toBe(IMPRESSIONS);
      const again = await rereadColumns(application);
      for (const [id, { features }] of samples) {
        const sent = features.map((value) => (value === null ? null : Math.fround(value)));
        expect([id, again.get(id)]).toEqual([id, sent]);
      }
    });

    it('begin anew after a reset: what was told before it is not told twice', async () => {
      const application = world.application();
      await application.runToEnd(events);
      await application.withTransport((transport) =>
        resetApplication(application.config, transport, 'earliest', {
          clock: systemClock,
          logger: silentLogger,
          signal: new AbortController().signal,
        }),
      );
      await application.runToEnd();
      const rows = await application.rows('training');
      expect(rows.length).toBe(2 * IMPRESSIONS);
      const second = new Map(rows.map((row) => [row.sampleId, row]));
      expect(meanShown(second) / alone).toBeLessThan(1.05);
    });

    /** A live run in a process of its own, killed once so many samples are out. */
    async function killedAfter(application: Application, samples: number, threads: number): Promise<void> {
      const file = join(world.folder, `${application.config.application}.yaml`);
      writeFileSync(file, JSON.stringify({ ...application.config, run: { ...application.config.run, threads } }));
      const child = startSluice(['run', '--config', file, '--log-level', 'warn']);
      let hasEnded = false;
      void child.ended.then(() => (hasEnded = true));
      try {
        while ((await application.samples()).size < samples) {
          if (hasEnded) throw new Error(`it ended by itself: ${JSON.stringify(await child.ended)}`);
          await systemClock.sleep(50);
        }
      } finally {
        child.signal('SIGKILL');
        await child.ended;
      }
    }
  });
}

/** The columns of every sample, out of a re-read of all partitions from their beginning. */
function rereadColumns(application: Application): Promise<Map<string, Columns>> {
  const { config } = application;
  return application.withTransport(async (transport) => {
    const found = new Map<string, Columns>();
    const clock = systemClock;
    const parts = await openParts(config, { logger: silentLogger, clock, metrics: noMetrics });
    const take = ({ state: { join } }: Partition): void => {
      const closed = takeClosed(join, config.label, Infinity);
      const { columnCount } = join.open;
      for (let i = 0; i < closed.rowCount; i++) {
        const { shown } = closed.lists[i]!;
        const item = shown.items[closed.places[i]!]!;
        const row = closed.rows.subarray(i * columnCount, (i + 1) * columnCount);
        found.set(
          impressionIdOf(shown.requestId, item),
          Array.from(row, (value) => (Number.isNaN(value) ? null : value)),
        );
      }
    };
    const trace = {
      stages: {
        run: async (_runner: unknown, partition: Partition) => {
          await TO_STATE.run(plainly, partition, undefined);
          take(partition);
        },
      },
      mayBeginAt: () => false,
      isDone: () => false,
      began: {},
    } as unknown as Trace;
    const { signal } = new AbortController();
    const given = { config, transport, parts, clock, logger: silentLogger, signal, onRead: () => undefined };
    for (const [partition, committed] of await transport.committedAll())
      await reread(given, partition, committed, trace);
    await parts.close();
    return found;
  });
}
