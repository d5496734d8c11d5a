import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPlace } from '../../src/events/sample-place.js';
import { COLUMNS } from '../../src/pipeline/features/columns.js';
import { simulateToFiles, type SimulationSummary } from '../../src/lab/simulate/index.js';
import { embedded, factsOf, inputFactsOf, type Place, type Row, World } from './fixture.js';

const JOIN = { attributionWindowMs: 300_000, allowedLatenessMs: 30_000 };
/** Every sample is kept or set aside, so that all of them can be looked at. */
const KEEP_ALL = { scorer: 'uniform', budget: 1 } as const;
const SHOWN_MS = Date.UTC(2026, 0, 5);

const list = (requestId: string, atMs: number, itemIds: readonly string[], sessionId = 's'): object => ({
  requestId,
  eventTimeMs: SHOWN_MS + atMs,
  surface: 'SEARCH',
  sessionId,
  items: itemIds.map((itemId, index) => ({ itemId, position: index + 1 })),
});
const click = (interactionId: string, atMs: number, requestId: string, itemId: string, sessionId = 's'): object => ({
  interactionId,
  eventTimeMs: SHOWN_MS + atMs,
  type: 'CLICK',
  sessionId,
  itemId,
  requestId,
});

/**
 * The laws of the whole path, from input topics to output topics, for a transport and a partition count.
 * @param place names a fresh application on the transport
 */
export function endToEndLaws(title: string, place: Place, partitions: number): void {
  describe(title, () => {
    const world = new World(place, { topics: { partitions }, join: JOIN });
    const simulated = join(world.folder, 'simulated');
    let summary: SimulationSummary;
    beforeAll(async () => {
      const rough = { lateFraction: 0.02, maxDelayMs: 20_000, duplicateFraction: 0.02, malformedFraction: 0.01 };
      summary = await simulateToFiles({
        folder: simulated,
        impressionCount: 4_000,
        seed: 11,
        itemCount: 300,
        ...rough,
      });
    });
    afterAll(() => world.remove());

    it('every message read is accounted for, and every count has its rows', async () => {
      const application = world.application({ selection: { ...KEEP_ALL, budget: 0.4 } });
      const { impressions, interactions, samples, weights } = await application.runToEnd(simulated);
      expect(samples.seen).toBe(summary.impressions);
      expect(samples.kept + samples.audit + samples.dropped).toBe(samples.seen);
      expect(samples.seen + impressions.duplicate + impressions.deadLettered).toBe(impressions.read);
      const { joined, unmatched, late, duplicate, deadLettered } = interactions;
      expect(joined + unmatched + late + duplicate + deadLettered).toBe(interactions.read);
      expect(samples.positive).toBe(summary.clicks);
      expect(samples.dropped).toBeGreaterThan(0);

      const training = await application.rows('training');
      expect(training).toHaveLength(samples.kept);
      expect(await application.rows('audit')).toHaveLength(samples.audit);
      expect(await application.rows('late')).toHaveLength(late);
      expect(await application.rows('dead-letters')).toHaveLength(summary.malformedMessages);
      expect((await application.samples()).size).toBe(samples.kept + samples.audit);
      expect(training.reduce((sum, row) => sum + Number(row['importanceWeight']), 0)).toBeCloseTo(weights.sum, 6);
      expect(Math.abs(weights.ratio! - 1)).toBeLessThan(5 * weights.standardError!);
    });

    it('every row says in its headers which application and release wrote it, and with which schema', async () => {
      const application = world.application({ selection: { ...KEEP_ALL, budget: 0.4 } });
      await application.runToEnd(simulated);
      const headers = await application.headers(['training', 'audit', 'late', 'dead-letters']);
      for (const [topic, found] of headers) {
        const expected = {
          'sluice.application': application.config.application,
          'sluice.release': expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
          'sluice.schema': expect.stringMatching(/^[0-9a-f]{16}$/) as string,
          ...(topic === 'dead-letters' ? {} : { 'content-type': 'application/json' }),
        };
        expect(found.length, topic).toBeGreaterThan(0);
        for (const each of found) expect(each, topic).toMatchObject(expected);
      }
      const places = headers.get('training')!.map((each) => readPlace(each['sluice.place'])!);
      expect(new Set(places.map(({ partitionCount }) => partitionCount))).toEqual(new Set([partitions]));
      expect(new Set(places.map(({ place }) => place)).size).toBe(places.length);
    });

    it('labels are what the simulated people did', async () => {
      const application = world.application({ selection: KEEP_ALL });
      await application.runToEnd(simulated);
      const samples = await application.samples();
      const truth = readFileSync(join(simulated, 'truth.ndjson'), 'utf8').trimEnd().split('\n');
      expect(samples.size).toBe(truth.length);
      for (const line of truth) {
        const { impressionId, isClicked } = JSON.parse(line) as { impressionId: string; isClicked: boolean };
        expect(samples.get(impressionId)?.label, impressionId).toBe(isClicked ? 1 : 0);
      }
    });

    it('the same input gives the same samples as the embedded store does', async () => {
      const selection = { scorer: 'uniform', budget: 0.4 } as const;
      const here = world.application({ selection });
      const beside = new World(embedded, { topics: { partitions }, join: JOIN, privacy: here.config.privacy });
      try {
        const there = beside.application({ selection, privacy: here.config.privacy });
        const counts = [await here.runToEnd(simulated), await there.runToEnd(simulated)];
        expect({ ...counts[0], champion: null, wallMs: 0 }).toEqual({ ...counts[1], champion: null, wallMs: 0 });
        expect(factsOf(await here.samples())).toEqual(factsOf(await there.samples()));
      } finally {
        beside.remove();
      }
    });

    it('neither scorer, budget, salt nor the size of a unit touches features and labels', async () => {
      const whole = world.application({ selection: KEEP_ALL });
      await whole.runToEnd(simulated);
      const expected = inputFactsOf(await whole.samples());
      const other = world.application({
        selection: { scorer: 'surprise', budget: 0.2, salt: 'another' },
        batch: { maxBytes: 20_000 },
        retrain: { everySamples: 1_000 },
      });
      await other.runToEnd(simulated);
      const found = inputFactsOf(await other.samples());
      expect(found.size).toBeGreaterThan(0);
      for (const [id, facts] of found) expect(facts, id).toEqual(expected.get(id));
    });

    it('drained in the middle and started again, it ends where the unbroken one does', async () => {
      const settings = {
        selection: { scorer: 'uniform', budget: 0.4 },
        join: { ...JOIN, surfaceWindowsMs: { AD: 2 * JOIN.attributionWindowMs } },
        batch: { maxBytes: 20_000 },
      } as const;
      const unbroken = world.application(settings);
      const expected = await unbroken.runToEnd(simulated);
      const broken = world.application(settings);
      await broken.send(simulated);
      const stops = [await broken.runUntilSeen(800), await broken.runUntilSeen(2_000)];
      for (const { samples } of stops) expect(samples.seen).toBeLessThan(expected.samples.seen);
      const found = await broken.runToEnd();
      expect({ ...found, champion: null, wallMs: 0 }).toEqual({ ...expected, champion: null, wallMs: 0 });
      expect(factsOf(await broken.samples())).toEqual(factsOf(await unbroken.samples()));
    });

    it('run again without new input it does nothing; with new input it goes on with what it knew', async () => {
      const application = world.application({ selection: KEEP_ALL, features: { omit: [] } });
      const column = COLUMNS.findIndex(({ name }) => name === 'itemClicked');
      const clickedBefore = (row: Row | undefined): number => row!.features[column]!;
      const first = await application.runToEnd(
        world.events([list('r1', 0, ['a', 'b'])], [click('c1', 5_000, 'r1', 'b')]),
      );
      expect(first.samples).toMatchObject({ seen: 2, positive: 1 });
      const idle = await application.runToEnd();
      expect({ ...idle, wallMs: 0 }).toEqual({ ...first, wallMs: 0 });
      const second = await application.runToEnd(
        world.events([list('r2', 600_000, ['b', 'a'])], [click('c2', 605_000, 'r2', 'b')]),
      );
      expect(second.samples).toMatchObject({ seen: 4, positive: 2 });
      expect(second.interactions).toMatchObject({ read: 2, joined: 2 });
      const samples = await application.samples();
      expect(clickedBefore(samples.get('r1#2'))).toBe(0);
      expect(clickedBefore(samples.get('r2#1'))).toBeGreaterThan(0);
      expect(clickedBefore(samples.get('r2#2'))).toBe(0);
    });

    it('a bad message is a dead letter with its own bytes and costs no good one', async () => {
      const application = world.application({ selection: KEEP_ALL });
      const nameless = { ...list('r4', 3_000, ['x']), requestId: undefined };
      const html = '<html>502 Bad Gateway</html>';
      const half = { ...(list('r3', 2_000, ['x', 'y']) as { items: object[] }) };
      half.items[1] = { position: 2 };
      const { impressions, interactions, samples } = await application.runToEnd(
        world.events(
          [list('r1', 0, ['a']), html, half, nameless, list('r5', 4_000, ['b'])],
          ['{"interactionId":"c0"', click('c1', 5_000, 'r5', 'b')],
        ),
      );
      expect(samples).toMatchObject({ seen: 3, positive: 1 });
      // A message that cannot be read counts as one impression; a list without its id as its items.
      expect(impressions).toEqual({ read: 6, duplicate: 0, deadLettered: 3, unexamined: 0 });
      expect(interactions).toMatchObject({ read: 2, joined: 1, deadLettered: 1 });
      const letters = await application.rows('dead-letters');
      const found = letters.map(({ code, stage, itemIndex, payload }) => ({ code, stage, itemIndex, payload }));
      const sorted = found.sort((a, b) => (String(a.payload) < String(b.payload) ? -1 : 1));
      expect(sorted).toEqual(
        [
          { code: 'undecodable', stage: 'decode', itemIndex: null, payload: html },
          { code: 'undecodable', stage: 'decode', itemIndex: null, payload: '{"interactionId":"c0"' },
          { code: 'missing-field', stage: 'clean', itemIndex: 1, payload: JSON.stringify(half) },
          { code: 'missing-field', stage: 'clean', itemIndex: null, payload: JSON.stringify(nameless) },
        ].sort((a, b) => (a.payload < b.payload ? -1 : 1)),
      );
    });

    it('each surface’s goal makes its labels', async () => {
      const label = { surfaceGoals: { AD: 'PURCHASE' } } as const;
      const application = world.application({ selection: KEEP_ALL, label });
      const ad = { ...list('r2', 1, ['a', 'b']), surface: 'AD' };
      const bought = { ...click('c3', 5_000, 'r2', 'b'), type: 'PURCHASE' };
      const { samples } = await application.runToEnd(
        world.events(
          [list('r1', 0, ['a', 'b']), ad],
          [click('c1', 5_000, 'r1', 'b'), click('c2', 5_000, 'r2', 'a'), bought],
        ),
      );
      expect(samples).toMatchObject({ seen: 4, positive: 2 });
      const rows = [...(await application.samples())].map(([id, { label, outcome }]) => [id, label, outcome]);
      expect(new Set(rows.map((row) => row.join(' ')))).toEqual(
        new Set(['r1#1 0 NONE', 'r1#2 1 CLICK', 'r2#1 0 CLICK', 'r2#2 1 PURCHASE']),
      );
    });

    it('what was not examined is no sample and no negative, and has its own count', async () => {
      const label = { examined: 'above-last-click', surfaceExamined: { AD: 'viewed' } } as const;
      const application = world.application({ selection: KEEP_ALL, label });
      const ad = { ...list('r2', 1, ['a', 'b']), surface: 'AD' };
      const { samples, impressions } = await application.runToEnd(
        world.events(
          [list('r1', 0, ['a', 'b', 'c']), ad, list('r3', 2, ['a', 'b'])],
          [click('c1', 5_000, 'r1', 'b'), { ...click('c2', 5_000, 'r2', 'a'), type: 'VIEW' }],
        ),
      );
      expect(impressions).toMatchObject({ read: 7, duplicate: 0, deadLettered: 0, unexamined: 2 });
      expect(samples).toMatchObject({ seen: 5, positive: 1 });
      const rows = [...(await application.samples())].map(([id, { label, outcome }]) => `${id} ${label} ${outcome}`);
      expect(rows.sort()).toEqual(['r1#1 0 NONE', 'r1#2 1 CLICK', 'r2#1 0 VIEW', 'r3#1 0 NONE', 'r3#2 0 NONE']);
    });

    it('each surface’s window closes its impressions', async () => {
      const join = { ...JOIN, surfaceWindowsMs: { AD: 3 * JOIN.attributionWindowMs } };
      const application = world.application({ selection: KEEP_ALL, join });
      const ad = { ...list('r2', 1, ['a', 'b']), surface: 'AD' };
      const lateForSearch = JOIN.attributionWindowMs + 40_000;
      const { samples, interactions } = await application.runToEnd(
        world.events(
          [list('r1', 0, ['a', 'b']), ad, list('r3', 2 * JOIN.attributionWindowMs, ['a'])],
          [click('c1', lateForSearch, 'r1', 'b'), click('c2', lateForSearch, 'r2', 'a')],
        ),
      );
      expect(interactions).toMatchObject({ joined: 1, late: 1 });
      expect(samples).toMatchObject({ seen: 5, positive: 1 });
      const rows = [...(await application.samples())].map(
        ([id, { label, closeTimeMs }]) => `${id} ${label} ${Number(closeTimeMs) - SHOWN_MS}`,
      );
      expect(rows.sort()).toEqual([
        'r1#1 0 300000',
        'r1#2 0 300000',
        'r2#1 1 900001',
        'r2#2 0 900001',
        'r3#1 0 900000',
      ]);
    });

    it('a click after the window changes no label and says what it would have changed', async () => {
      const application = world.application({ selection: KEEP_ALL });
      const { interactions, samples } = await application.runToEnd(
        world.events(
          [list('r1', 0, ['a', 'b'])],
          [click('c1', 5_000, 'r1', 'b'), click('c2', JOIN.attributionWindowMs + 40_000, 'r1', 'a')],
        ),
      );
      expect(samples).toMatchObject({ seen: 2, positive: 1 });
      expect(interactions).toMatchObject({ read: 2, joined: 1, late: 1 });
      const [late, ...none] = await application.rows('late');
      expect(none).toEqual([]);
      expect(late).toMatchObject({ interactionId: 'c2', sampleId: 'r1#1', labelWas: 0, labelWouldBe: 1 });
      expect(late).toMatchObject({ outcomeWas: 'NONE', outcomeWouldBe: 'CLICK', pastWindowMs: 40_000 });
      expect((await application.samples()).get('r1#1')?.label).toBe(0);
    });
  });
}
