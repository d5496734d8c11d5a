import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../src/adapters/own-code/index.js';
import { describeFeatures } from '../../../src/app/describe.js';
import { PluginFolder } from '../../own/plugin-folder.js';
import { type Application, inputFactsOf, type Place, World } from '../fixture.js';
import { startSluice } from '../process-child.js';

const T0 = Date.UTC(2026, 0, 5);
const ROUNDS = 3;
const LISTS_A_ROUND = 120;
const STEP_MS = 10_000;
const WINDOW_MS = 60_000;
const LATENESS_MS = 5_000;
const LISTS = Array.from({ length: ROUNDS * LISTS_A_ROUND }, (_, n) => n);

/** Every fifth list is of a test, and the third item of every list costs nothing. */
const isTest = (n: number): boolean => n % 5 === 0;
const sessionOf = (n: number): string => (isTest(n) ? `test-${n}` : `s${n % 7}`);
const timeOf = (n: number): number => T0 + n * STEP_MS;

const PLUGIN = `import { defineRule } from 'sluice';
const ofTest = ({ sessionId }) => (sessionId.startsWith('test-') ? 'a session of a test' : null);
export const tests = defineRule({ name: 'tests', summary: 'sessions of tests', impression: (item, list) => ofTest(list), interaction: ofTest });
export const free = defineRule({ name: 'free', summary: 'items without a price', impression: ({ price }) => (price === 0 ? 'costs nothing' : undefined) });
`;

const listsOf = (numbers: readonly number[]): readonly object[] =>
  numbers.map((n) => ({
    requestId: `r${n}`,
    eventTimeMs: timeOf(n),
    surface: 'SEARCH',
    sessionId: sessionOf(n),
    query: `shoe ${n % 5}`,
    items: [0, 1, 2].map((place) => ({
      itemId: `i${(n + place) % 40}`,
      position: place + 1,
      price: place === 2 ? 0 : 5,
      attributes: { label: `红色 shoe ${(n + place) % 5}`, brand: `b${(n + place) % 4}` },
    })),
  }));

const actsOf = (numbers: readonly number[]): readonly object[] =>
  numbers.map((n) => ({
    interactionId: `c${n}`,
    eventTimeMs: timeOf(n) + 1_000,
    type: n % 3 === 0 ? 'CLICK' : 'VIEW',
    sessionId: sessionOf(n),
    requestId: `r${n}`,
    itemId: `i${n % 40}`,
    context: { points: String(n) },
  }));

/** The points that an earlier interaction of a list's session brought last. */
function pointsOf(list: number): number | null {
  return LISTS.findLast((n) => n < list && !isTest(n) && sessionOf(n) === sessionOf(list)) ?? null;
}

/** Rules of a plugin, and columns of a team's own, through kills of the process on any transport. */
export function ownRulesLaws(title: string, place: Place): void {
  describe(`rules and columns of a team's own on ${title}`, { timeout: 300_000 }, () => {
    const folder = new PluginFolder();
    const file = folder.write('rules.mjs', PLUGIN);
    const world = new World(place, {
      topics: { partitions: 2 },
      join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 3_600_000 },
      plugins: [{ file, sha256: fingerprintOf(file) }],
      quality: { own: ['own:tests', 'own:free'] },
      features: {
        declared: [
          { name: 'points', from: 'interactions.context.points', kind: 'number' },
          { name: 'found', from: 'items.attributes.label', kind: 'match', by: 'bm25' },
          { name: 'brand', from: 'items.attributes.brand', kind: 'category', values: ['b0', 'b1'] },
        ],
        state: [
          { name: 'lastBrand', kind: 'last', by: ['session'], value: 'brand', of: 'acted' },
          { name: 'clicksOfViews', kind: 'rate', by: ['brand'], of: 'CLICK', over: 'acted' },
        ],
      },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
      batch: { commitEveryMs: 0, lingerMs: 0 },
      state: { checkpointEveryMs: 300 },
    });
    let killed: Application;
    let unbroken: Application;
    afterAll(() => {
      folder.remove();
      world.remove();
    });

    /** A live run in a process of its own, killed once so many samples are out. */
    async function killedAfter(samples: number, threads: number): Promise<void> {
      const { config } = killed;
      const path = join(world.folder, `${config.application}.yaml`);
      writeFileSync(path, JSON.stringify({ ...config, plugins: [file], run: { ...config.run, threads } }));
      const child = startSluice(['run', '--config', path, '--log-level', 'warn']);
      try {
        while ((await killed.samples()).size < samples) await Promise.race([pause(), failed(child.ended)]);
      } finally {
        child.signal('SIGKILL');
        await child.ended;
      }
    }

    beforeAll(async () => {
      killed = world.application();
      for (let round = 0; round < ROUNDS; round++) {
        const numbers = LISTS.slice(round * LISTS_A_ROUND, (round + 1) * LISTS_A_ROUND);
        await killed.send(world.events(listsOf(numbers), actsOf(numbers)));
        // What is open at the end of the round, and what waits since its partition has no newer event.
        const open = Math.ceil((WINDOW_MS + LATENESS_MS) / STEP_MS) + 20;
        const isOut = (n: number): boolean => !isTest(n) && n < (round + 1) * LISTS_A_ROUND - open;
        if (round < ROUNDS - 1) await killedAfter(2 * LISTS.filter(isOut).length, 1 + (round % 2));
      }
      await killed.runToEnd();
      unbroken = world.application();
      await unbroken.runToEnd(world.events(listsOf(LISTS), actsOf(LISTS)));
    });

    it('refuse what they refuse once, and nothing else, through kills, in threads and without', async () => {
      const letters = await killed.rows('dead-letters');
      const ofTests = LISTS.filter(isTest).length;
      // A letter for each list: whole, or its third item; and one for each interaction of a test.
      expect(letters.length).toBe(LISTS.length + ofTests);
      expect(new Set(letters.map(({ code }) => code))).toEqual(new Set(['own-rule']));
      const ids = [...(await killed.samples()).keys()];
      const kept = LISTS.filter((n) => !isTest(n)).flatMap((n) => [`r${n}#1`, `r${n}#2`]);
      expect(ids.sort()).toEqual(kept.sort());
    });

    it('say of each sample what the events before it say', async () => {
      const names = (await describeFeatures(killed.config)).columns.map(({ name }) => name);
      for (const [id, { features }] of await killed.samples()) {
        const list = Number(/^r(\d+)#/.exec(id)![1]);
        expect(features[names.indexOf('points')], id).toBe(pointsOf(list));
      }
    });

    it('give the same samples to the bit, whether the process was killed or never stopped', async () => {
      expect(inputFactsOf(await killed.samples())).toEqual(inputFactsOf(await unbroken.samples()));
    });
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function failed(ended: ReturnType<typeof startSluice>['ended']): Promise<void> {
  const { status, stderr } = await ended;
  throw new Error(`ended with ${status}: ${stderr}`);
}
