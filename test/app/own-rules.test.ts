import { afterAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/adapters/own-code/index.js';
import { dryRun } from '../../src/app/dry-run/dry-run.js';
import { PluginFolder } from '../own/plugin-folder.js';
import { embedded, inputFactsOf, World } from './fixture.js';

const SHOWN_MS = Date.UTC(2026, 0, 5);
const LISTS = 60;

/** Every fifth list is of a test, and the third item of every list costs nothing. */
const sessionOf = (list: number): string => (list % 5 === 0 ? `test-${list}` : `s${list % 7}`);
const lists = Array.from({ length: LISTS }, (_, list) => ({
  requestId: `r${list}`,
  eventTimeMs: SHOWN_MS + list * 10_000,
  surface: 'SEARCH',
  sessionId: sessionOf(list),
  items: [1, 2, 3].map((position) => ({ itemId: `i${list}-${position}`, position, price: position === 3 ? 0 : 5 })),
}));
const clicks = lists
  .filter((_, list) => list % 3 === 0)
  .map(({ requestId, eventTimeMs, sessionId, items }, at) => ({
    interactionId: `c${at}`,
    eventTimeMs: eventTimeMs + 1_000,
    type: 'CLICK',
    sessionId,
    requestId,
    itemId: items[0]!.itemId,
  }));
const TEST_LISTS = LISTS / 5;
const TEST_CLICKS = LISTS / 15;

const folder = new PluginFolder();
afterAll(() => folder.remove());
const PLUGIN = `import { defineRule } from 'sluice';
const ofTest = ({ sessionId }) => (sessionId.startsWith('test-') ? 'a session of a test' : null);
export const tests = defineRule({ name: 'tests', summary: 'sessions of tests', impression: (item, list) => ofTest(list), interaction: ofTest });
export const free = defineRule({ name: 'free', summary: 'items without a price', impression: ({ price }) => (price === 0 ? 'costs nothing' : undefined) });
export const broken = defineRule({ name: 'broken', summary: 'nothing, it fails', interaction({ itemId }) { if (itemId.length > 4) throw new Error('no'); return 7; } });
`;
const file = folder.write('rules.mjs', PLUGIN);
const RULES = ['own:tests', 'own:free', 'own:broken'] as const;

describe.each([1, 2])('rules of a plugin, with run.threads = %i', (threads) => {
  const world = new World(embedded, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    topics: { partitions: 2 },
    plugins: [{ file, sha256: '' }],
    quality: { own: [...RULES] },
    run: { threads },
    selection: { budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1 },
  });
  afterAll(() => world.remove());

  it('refuse items and interactions one by one, under their names and with their reasons', async () => {
    const application = world.application();
    const { impressions, interactions } = await application.runToEnd(world.events(lists, clicks));
    expect([impressions.deadLettered, interactions.deadLettered]).toEqual([
      3 * TEST_LISTS + (LISTS - TEST_LISTS),
      TEST_CLICKS,
    ]);
    const samples = await application.samples();
    expect(samples.size).toBe(2 * (LISTS - TEST_LISTS));
    for (const id of samples.keys()) expect(id).toMatch(/#[12]$/);
    const total = (rule: string, outcome: string): number =>
      application.metrics.total('sluice_own_rule_total', { rule, outcome });
    // A list is asked about an item at a time, and the first rule that refuses it is the last that is asked.
    expect([total('own:tests', 'refused'), total('own:free', 'refused'), total('own:broken', 'refused')]).toEqual([
      3 * TEST_LISTS + TEST_CLICKS,
      LISTS - TEST_LISTS,
      0,
    ]);
    expect(total('own:broken', 'failed')).toBe(clicks.length - TEST_CLICKS);
  });

  it('refuse the same however often the stream is broken off', async () => {
    const events = world.events(lists, clicks);
    const unbroken = world.application();
    await unbroken.runToEnd(events);
    const broken = world.application();
    await broken.send(events);
    // A start of threads takes long.
    for (const seen of threads === 1 ? [15, 45, 80] : [45]) await broken.runUntilSeen(seen);
    await broken.runToEnd();
    expect(inputFactsOf(await broken.samples())).toEqual(inputFactsOf(await unbroken.samples()));
    expect((await broken.rows('dead-letters')).length).toBe((await unbroken.rows('dead-letters')).length);
  });
});

describe('rules of a plugin', () => {
  const world = new World(embedded, {
    plugins: [{ file, sha256: '' }],
    quality: { own: [...RULES] },
    selection: { budget: 1 },
  });
  afterAll(() => world.remove());

  it('are told by the dead letters and by a dry run', async () => {
    const application = world.application();
    const events = world.events(lists, clicks);
    await application.runToEnd(events);
    const letters = await application.rows('dead-letters');
    expect(
      new Set(letters.map(({ code, stage, reason }) => [code, stage, String(reason).split(' — ')[0]].join(': '))),
    ).toEqual(
      new Set([
        'own-rule: clean: rule own:tests of a plugin refuses it: a session of a test',
        'own-rule: clean: rule own:free of a plugin refuses it: costs nothing',
      ]),
    );
    const summary = await dryRun(
      { config: application.config, nowMs: SHOWN_MS + LISTS * 10_000 },
      events,
      undefined,
      () => undefined,
      () => Promise.resolve(),
    );
    expect(summary.byCode).toEqual({ 'own-rule': 3 * TEST_LISTS + (LISTS - TEST_LISTS) + TEST_CLICKS });
  });

  it('cannot be changed, nor the file of a plugin, under a stream that was read with them', async () => {
    const mine = folder.write('mine.mjs', PLUGIN);
    const pinned = () => [{ file: mine, sha256: fingerprintOf(mine) }];
    const application = world.application({ plugins: pinned() });
    const { quality } = application.config;
    await application.runToEnd(world.events(lists, clicks));
    folder.write('mine.mjs', `${PLUGIN}// other\n`);
    for (const changes of [
      { plugins: pinned() },
      { plugins: pinned(), quality: { ...quality, own: ['own:free'] } },
      { plugins: pinned(), quality: { ...quality, own: [] } },
    ])
      await expect(world.again(application, changes).runToEnd()).rejects.toMatchObject({
        code: 'settings-changed',
        message: expect.stringContaining('quality.own was') as string,
      });
    folder.write('mine.mjs', PLUGIN);
    await world.again(application, {}).runToEnd();
  });
});
