import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import type { Accounting } from '../../../src/app/accounting.js';
import type { FateCode, WhyAnswer, WhyFate } from '../../../src/app/why/fate.js';
import { openTransport } from '../../../src/app/wire.js';
import { partitionOfText } from '../../../src/events/partition.js';
import { simulateToFiles } from '../../../src/lab/simulate/index.js';
import { type Application, type Place, type Row, World } from '../fixture.js';
import { ask, walled } from './fixture.js';

const WINDOW_MS = 300_000;
const LONG_MS = 2 * WINDOW_MS;
const LATENESS_MS = 30_000;
type Event = Record<string, unknown> & { readonly eventTimeMs: number; readonly sessionId: string };

/** Simulated traffic with everything in it that a message can come to; what was put in on purpose, by id. */
async function disturbedStream(world: World) {
  const folder = join(world.folder, 'plain');
  await simulateToFiles({
    folder,
    impressionCount: 4_000,
    seed: 4,
    itemCount: 200,
    impressionsPerSecond: 1,
    duplicateFraction: 0.04,
  });
  const linesOf = (input: string): Event[] =>
    readFileSync(join(folder, `${input}.ndjson`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
  const lists = linesOf('impressions');
  const interactions = linesOf('interactions');
  const at = (events: Event[], fraction: number): number => Math.floor(events.length * fraction);
  const list = lists[at(lists, 0.3)]!;
  const shown = (list['items'] as { itemId: string }[])[0]!;
  const click = (interactionId: string, rest: object = {}): Event => ({
    interactionId,
    eventTimeMs: list.eventTimeMs + 1_000,
    type: 'CLICK',
    sessionId: list.sessionId,
    itemId: shown.itemId,
    requestId: list['requestId'],
    ...rest,
  });
  const after = (fraction: number): number => lists[at(lists, fraction)]!.eventTimeMs;
  const lateAt = interactions.findIndex(({ eventTimeMs }) => eventTimeMs > list.eventTimeMs + 2 * WINDOW_MS);
  interactions.splice(lateAt, 0, click('late-click', { eventTimeMs: list.eventTimeMs + WINDOW_MS + 5_000 }));
  const early = interactions.findIndex(({ eventTimeMs }) => eventTimeMs > list.eventTimeMs + 2_000);
  interactions.splice(
    early,
    0,
    click('stranger', { sessionId: sessionOn(partitionOfText(list.sessionId, 2)) }),
    click('strayed', { sessionId: sessionOn(1 - partitionOfText(list.sessionId, 2)) }),
    click('of-nothing', { requestId: 'never-shown' }),
    click('no-type', { type: 'UNKNOWN' }),
  );
  // Each waits for the allowed lateness, so wherever the stream is stopped some of either partition wait.
  for (let eventTimeMs = after(0.02); eventTimeMs < after(0.98); eventTimeMs += LATENESS_MS / 3) {
    const place = interactions.findIndex((one) => one.eventTimeMs > eventTimeMs);
    if (place < 0) continue;
    const waiting = [0, 1].map((partition) =>
      click(`waits-${eventTimeMs}-${partition}`, {
        eventTimeMs,
        sessionId: sessionOn(partition),
        requestId: `comes-never-${eventTimeMs}-${partition}`,
      }),
    );
    interactions.splice(place, 0, ...waiting);
  }
  lists.splice(at(lists, 0.8), 0, { ...list, requestId: 'too-late' });
  lists.splice(at(lists, 0.2), 0, { ...list, requestId: 'no-surface', eventTimeMs: after(0.2), surface: 'UNKNOWN' });
  return { events: world.events(lists, interactions), lists, interactions };
}

/** A session that nobody has, of a partition. */
const sessionOn = (partition: number): string =>
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    .map((name) => `stranger-${name}`)
    .find((one) => partitionOfText(one, 2) === partition)!;
const idsOf = (events: readonly Event[], name: string): string[] => [
  ...new Set(events.map((one) => String(one[name]))),
];
const fatesOf = (answer: Pick<WhyAnswer, 'fates'>, subject: WhyFate['subject']): WhyFate[] =>
  answer.fates.filter((one) => one.subject === subject && one.isAsked);
const count = (fates: readonly WhyFate[], ...codes: FateCode[]): number =>
  fates.filter(({ details }) => codes.includes(details.fate)).length;
const idsWith = (fates: readonly WhyFate[], code: FateCode): string[] =>
  fates.filter(({ details }) => details.fate === code).map(({ id }) => id);

/** What the answer to "why" holds to, on a transport, asked of every id of a stream. */
export function whyLaws(title: string, place: Place): void {
  describe(title, () => {
    const world = new World(place, {
      topics: { partitions: 2 },
      join: {
        attributionWindowMs: WINDOW_MS,
        surfaceWindowsMs: { RECOMMENDATION: LONG_MS },
        allowedLatenessMs: LATENESS_MS,
      },
      label: { surfaceExamined: { SEARCH: 'above-last-click' } },
      selection: { scorer: 'surprise', budget: 0.3, auditFraction: 0.1 },
      retrain: { everySamples: 250, lateLabels: true },
      batch: { maxBytes: 10_000 },
    });
    let application: Application;
    let stream: Awaited<ReturnType<typeof disturbedStream>>;
    let accounting: Accounting;
    let half: { accounting: Accounting; impressions: WhyFate[]; interactions: WhyFate[] };
    let impressions: WhyFate[];
    let interactions: WhyFate[];
    let samples: Map<string, Row>;

    const everything = async (): Promise<{ impressions: WhyFate[]; interactions: WhyFate[] }> => {
      const lists = await ask(application, idsOf(stream.lists, 'requestId'));
      const acts = await ask(application, idsOf(stream.interactions, 'interactionId'));
      return {
        impressions: [...fatesOf(lists, 'impression'), ...fatesOf(lists, 'message')],
        interactions: [...fatesOf(acts, 'interaction'), ...fatesOf(acts, 'message')],
      };
    };

    beforeAll(async () => {
      application = world.application();
      stream = await disturbedStream(world);
      await application.send(stream.events);
      // However fast it reads while a fit holds the scoring, some of the input is unread.
      const transport = walled(openTransport(application.config, { logger: silentLogger, clock: systemClock }), 0.75);
      const drained = await application.runUntilSeen(1_500, { transport });
      half = { accounting: drained, ...(await everything()) };
      accounting = await application.runToEnd();
      ({ impressions, interactions } = await everything());
      samples = await application.samples();
    });
    afterAll(() => world.remove());

    it('the fates of impressions add up to the accounting', () => {
      expect(count(impressions, 'kept')).toBe(accounting.samples.kept);
      expect(count(impressions, 'audit')).toBe(accounting.samples.audit);
      expect(count(impressions, 'dropped')).toBe(accounting.samples.dropped);
      expect(count(impressions, 'duplicate')).toBe(accounting.impressions.duplicate);
      expect(count(impressions, 'unexamined')).toBe(accounting.impressions.unexamined);
      expect(count(impressions, 'kept', 'audit', 'dropped')).toBe(accounting.samples.seen);
      expect(count(impressions, 'untold', 'open', 'waiting', 'unread', 'closing')).toBe(0);
      for (const code of ['kept', 'audit', 'dropped', 'unexamined', 'duplicate', 'dead-letter'] as const)
        expect(count(impressions, code), code).toBeGreaterThan(0);
    });

    it('kept and audit are the rows of their topics, and dropped is every other impression once', () => {
      const rows = (topic: string): string[] =>
        [...samples]
          .filter(([, row]) => (row['inclusionProbability'] === 0.1) === (topic === 'audit'))
          .map(([id]) => id);
      expect(idsWith(impressions, 'audit').sort()).toEqual(rows('audit').sort());
      expect(idsWith(impressions, 'kept').sort()).toEqual(rows('training').sort());
      const dropped = idsWith(impressions, 'dropped');
      expect(new Set(dropped).size).toBe(dropped.length);
      for (const id of dropped) expect(samples.has(id), id).toBe(false);
    });

    it('the fates of interactions add up to the accounting, and each joined one made its sample what it is', () => {
      const of = accounting.interactions;
      expect(count(interactions, 'joined')).toBe(of.joined);
      expect(count(interactions, 'late')).toBe(of.late);
      expect(count(interactions, 'unmatched')).toBe(of.unmatched);
      expect(count(interactions, 'duplicate')).toBe(of.duplicate);
      expect(count(interactions, 'dead-letter')).toBe(of.deadLettered);
      for (const { id, type, details } of interactions) {
        if (details.fate !== 'joined' || type !== 'CLICK') continue;
        const row = samples.get(details.impression.sampleId);
        expect(details.impression.fate?.fate === 'dropped', id).toBe(row === undefined);
        if (row) expect(row.label, id).toBe(1);
      }
    });

    it('what was put in on purpose comes out by its name', () => {
      const by = (id: string) => interactions.find((one) => one.id === id)?.details;
      expect(by('late-click')).toMatchObject({ fate: 'late', pastWindowMs: 5_000 });
      expect(by('stranger')).toMatchObject({ fate: 'unmatched', because: 'other-session' });
      expect(by('strayed')).toMatchObject({ fate: 'unmatched', because: 'other-partition' });
      expect(by('of-nothing')).toEqual({ fate: 'unmatched', because: 'no-impression', impressionAt: null });
      expect(interactions.find(({ subject }) => subject === 'message')?.details).toMatchObject({
        fate: 'dead-letter',
        code: 'invalid-field',
      });
      const late = impressions.filter(({ id }) => id.startsWith('too-late#'));
      expect(late.length).toBeGreaterThan(0);
      for (const { details } of late) expect(details).toMatchObject({ fate: 'dead-letter', code: 'late-impression' });
    });

    it('what was not examined is no sample, and says how that was told', () => {
      for (const { id, surface, details } of impressions) {
        if (details.fate !== 'unexamined') continue;
        expect([surface, details.examined]).toEqual(['SEARCH', 'above-last-click']);
        expect(samples.has(id), id).toBe(false);
      }
    });

    it('a duplicate names the place of what it repeats', () => {
      for (const { id, place, details } of impressions) {
        if (details.fate !== 'duplicate') continue;
        const first = impressions.find((one) => one.id === id && one.details.fate !== 'duplicate')!;
        expect(details.of, id).toEqual(first.place);
        expect(details.of, id).not.toEqual(place);
      }
    });

    it('the coin of every dropped sample is at or above the chance that is worked out again', () => {
      let told = 0;
      for (const { id, details } of impressions) {
        if (details.fate !== 'dropped') continue;
        const { coin, inclusionProbability } = details.selection!;
        expect(coin, id).toBeGreaterThanOrEqual(0);
        if (!inclusionProbability) continue;
        told++;
        expect(coin, id).toBeGreaterThanOrEqual(inclusionProbability.least * 0.95);
      }
      expect(told).toBeGreaterThan(0.9 * accounting.samples.dropped);
    });

    it('half-way, what was read adds up, and the rest is open, waiting or unread', () => {
      const { samples: seen, impressions: of } = half.accounting;
      const found = half.impressions;
      expect(count(found, 'kept', 'audit', 'dropped')).toBe(seen.seen);
      expect(count(found, 'duplicate')).toBe(of.duplicate);
      const sound = count(found, 'kept', 'audit', 'dropped', 'unexamined', 'duplicate', 'open', 'closing');
      expect(sound + of.deadLettered).toBe(of.read);
      expect(count(half.interactions, 'pending')).toBeGreaterThan(0);
      for (const code of ['open', 'waiting', 'unread', 'closing'] as const)
        expect(count(found, code), code).toBeGreaterThan(0);
      expect(found.length).toBe(impressions.length);
    });

    it('an open impression closes when the window of its surface ends', () => {
      const surfaces = new Set<string>();
      for (const { details, surface, eventTimeMs } of half.impressions) {
        if (details.fate !== 'open') continue;
        surfaces.add(surface!);
        expect(details.untilMs).toBe(eventTimeMs! + (surface === 'RECOMMENDATION' ? LONG_MS : WINDOW_MS));
      }
      expect(surfaces.has('RECOMMENDATION') && surfaces.size > 1).toBe(true);
    });
  });
}
