import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { describeSelections } from '../../src/app/describe-selection.js';
import { explainSample } from '../../src/app/explain/explain.js';
import { resetApplication } from '../../src/app/reset.js';
import { openCodecs } from '../../src/app/wire.js';
import { simulateToFiles } from '../../src/lab/simulate/index.js';
import { Application, resetDeps, type Place, type Row, World } from './fixture.js';
import { ask } from './why/fixture.js';

const SALT = 'a-salt-that-nobody-may-read';

/** What holds of the selection settings that samples name, on a transport. */
export function selectionIdLaws(title: string, place: Place): void {
  describe(title, () => {
    const world = new World(place, {
      join: { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 },
      selection: { scorer: 'surprise', budget: 0.2, auditFraction: 0.1, salt: SALT },
    });
    let first: Application;
    let second: Application;
    let before: Map<string, Row>;
    let after: Map<string, Row>;
    const idOf = (row: Row): unknown => row['selectionId'];

    beforeAll(async () => {
      const folder = join(world.folder, 'events');
      await simulateToFiles({ folder, impressionCount: 3_000, seed: 6, itemCount: 100, impressionsPerSecond: 1 });
      const lines = (input: string): string[] =>
        readFileSync(join(folder, `${input}.ndjson`), 'utf8')
          .trimEnd()
          .split('\n');
      const half = <T>(all: readonly T[]): readonly T[] => all.slice(0, all.length / 2);
      const [lists, acts] = [lines('impressions'), lines('interactions')];
      first = world.application();
      await first.send(world.events(half(lists), half(acts)));
      await first.runToEnd();
      before = await first.samples();
      const { selection } = first.config;
      second = new Application({ ...first.config, selection: { ...selection, budget: 0.6, keep: [{ atMost: 0.9 }] } });
      await second.send(world.events(lists.slice(lists.length / 2), acts.slice(acts.length / 2)));
      await second.runToEnd();
      after = await second.samples();
      for (const id of before.keys()) after.delete(id);
    });
    afterAll(() => world.remove());

    it('after a change of budget rows have another id, training and audit alike, and both resolve', async () => {
      const ids = [before, after].map((rows) => new Set([...rows.values()].map(idOf)));
      for (const [i, rows] of [before, after].entries()) {
        expect(rows.size).toBeGreaterThan(100);
        expect(ids[i]!.size).toBe(1);
      }
      const [old, now] = ids.map((one) => [...one][0]) as [string, string];
      expect(old).not.toBe(now);
      const told = await second.withTransport((transport) => describeSelections(second.config, transport));
      expect(told.map(({ id, isNow, settings }) => [id, isNow, settings.selection.budget])).toEqual([
        [old, false, 0.2],
        [now, true, 0.6],
      ]);
      expect(told[1]!.settings.selection.keep).toEqual([{ atMost: 0.9 }]);
      expect(told[0]!.sinceMs).toBeLessThanOrEqual(told[1]!.sinceMs!);
    });

    it('an old sample is explained under the settings that it was kept under', async () => {
      const row = [...before.values()].find(
        (one) => one['importance'] !== 1 && (one['inclusionProbability'] as number) < 0.15 && one['scorer'] !== 'prior',
      );
      const id = (row ?? [...before.values()][0]!).sampleId;
      const explain = (application: Application) =>
        application.withTransport((transport) =>
          explainSample(
            {
              config: application.config,
              transport,
              codecs: openCodecs(application.config, { logger: silentLogger, clock: systemClock }),
            },
            id,
          ),
        );
      const [then, now] = [await explain(first), await explain(second)];
      expect(now.selection).toEqual(then.selection);
      expect(now.selection.settings?.selection.budget).toBe(0.2);
      expect(now.selection.isSaltOfNow).toBe(true);
    });

    it('a dropped sample is told of under the settings of its neighbours', async () => {
      const asked = [...before.values()].slice(0, 20).map((row) => row['requestId'] as string);
      const { fates } = await ask(second, asked);
      const selections = fates.flatMap(({ details }) =>
        details.fate === 'dropped' && details.selection ? [details.selection] : [],
      );
      expect(selections.length).toBeGreaterThan(0);
      const old = [...before.values()].map(idOf)[0];
      for (const { selectionId } of selections) expect(selectionId).toBe(old);
    });

    it('an id that nobody recorded is refused, and the salt is recorded nowhere', async () => {
      await second.withTransport(async (transport) => {
        await expect(describeSelections(second.config, transport, 'ffffffff')).rejects.toThrow(
          'no selection settings ffffffff',
        );
        const told = await describeSelections(second.config, transport);
        expect(JSON.stringify(told)).not.toContain(SALT);
      });
    });

    it('the ids of rows that stay resolve after the application has begun anew', async () => {
      await second.withTransport((transport) => resetApplication(second.config, transport, 'end', resetDeps()));
      const told = await second.withTransport((transport) => describeSelections(second.config, transport));
      expect(told).toHaveLength(2);
      expect(told.every(({ sinceMs }) => sinceMs !== null)).toBe(true);
    });
  });
}
