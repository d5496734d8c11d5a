import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import type { Config } from '../../../src/config/schema.js';
import { compareReplays } from '../../../src/lab/replay/compare-replays.js';
import { replay, type ReplayWishes } from '../../../src/lab/replay/replay.js';
import { shadowOf } from '../../../src/lab/replay/shadow.js';
import type { NewRecord, Transport } from '../../../src/ports/transport.js';
import { Application, factsOf, type Place, type Row, World } from '../../app/fixture.js';
import { bySession, KEEP, messages, traffic } from '../../app/repartition-laws.js';

/** Lists, two seconds apart. */
const LISTS = 600;
const SHOWN_MS = Date.UTC(2026, 0, 5);
const MIDDLE_MS = SHOWN_MS + LISTS * 1_000;
/** Three quarters of it. */
const LATER_MS = SHOWN_MS + LISTS * 1_500;
const ALL_BEFORE = 24 * 3_600_000;

/** What `sluice replay` promises, on any transport. */
export function replayLaws(title: string, place: Place): void {
  describe(`a replay on ${title}`, () => {
    const world = new World(place, { ...KEEP, retrain: { proof: { enabled: false }, everySamples: 1_000 } });
    afterAll(() => world.remove());
    const sent = traffic(LISTS);
    const append = (to: Application, records: readonly NewRecord[]): Promise<void> =>
      to.withTransport((transport) => transport.append(records));

    const fed = async (changes = {}): Promise<Application> => {
      const application = world.application(changes);
      await append(application, messages(sent, bySession));
      return application;
    };
    const wishes = (application: Application, name: string, changes: Partial<ReplayWishes> = {}): ReplayWishes => ({
      name,
      range: { fromMs: MIDDLE_MS, toMs: LATER_MS, warmUpMs: ALL_BEFORE },
      config: application.config,
      sets: [],
      takesChampion: false,
      clock: systemClock,
      logger: silentLogger,
      signal: new AbortController().signal,
      ...changes,
    });
    const asking = (config: Config, name: string) => ({
      ...{ name, other: undefined, config, clock: systemClock, logger: silentLogger },
      signal: new AbortController().signal,
    });
    /** The samples of a replay, as its own topics hold them. */
    const samplesOf = (config: Config, name: string): Promise<Map<string, Row>> => {
      const { place: own } = shadowOf(config, name);
      return new Application(own).samples();
    };
    const before = (rows: ReadonlyMap<string, Row>, toMs: number): Map<string, Row> =>
      new Map([...rows].filter(([, row]) => (row['eventTimeMs'] as number) < toMs));
    const standing = async (transport: Transport) => ({
      committed: [...(await transport.committedAll())],
      ends: await Promise.all(
        (['impressions', 'training', 'audit', 'snapshots', 'checkpoints'] as const).map((topic) =>
          transport.endOffsets(topic),
        ),
      ),
    });

    it('that is warm from the beginning and changes nothing: the samples of the application, to the bit', async () => {
      // Without fits: their rounds are shared out otherwise where partitions end earlier.
      const application = await fed({ retrain: { everySamples: 1_000_000, proof: { enabled: false } } });
      await application.runToEnd();
      const asItStood = await application.withTransport(standing);
      const record = await replay(wishes(application, 'same'));
      const rows = await samplesOf(application.config, 'same');
      expect(factsOf(rows)).toEqual(factsOf(before(await application.samples(), LATER_MS)));
      expect([...rows.values()].every((row) => (row['eventTimeMs'] as number) < LATER_MS)).toBe(true);
      expect(rows.size).toBeGreaterThan(600);
      // And leaves the application as it stood.
      expect(await application.withTransport(standing)).toEqual(asItStood);
      const { accounting, cost } = record.finished!;
      expect(accounting.samples.seen).toBe(sent.filter(isListBefore(LATER_MS)).length * 3);
      expect(cost.written['training']!.records).toBe(accounting.samples.kept);
      // Compared with it, nothing differs, in rows or in what is learnt from them.
      const compared = await compareReplays(asking(application.config, 'same'));
      expect(compared.overlap).toEqual({ ofA: 1, ofB: 1 });
      const { rows: common, sameLabels, sameFeatures } = compared.common;
      expect(common).toBe(compared.a.audit);
      expect(common).toBeGreaterThan(10);
      expect([sameLabels, sameFeatures]).toEqual([common, common]);
      expect(compared.a.bytes.training).toBe(compared.b.bytes.training);
      const { contest, a, b } = compared.trained!;
      expect(a).toEqual(b);
      expect(contest!.auc.difference).toEqual({ value: 0, lower: 0, upper: 0 });
    });

    it('with a warm-up: the samples of a run over just the messages from its beginning on', async () => {
      const warmUpMs = 180_000;
      const application = await fed();
      await replay(wishes(application, 'warm', { range: { fromMs: MIDDLE_MS, toMs: LATER_MS, warmUpMs } }));
      const { attributionWindowMs } = application.config.join;
      const inside = messages(sent, bySession).filter((_, at) => {
        const { topic, atMs } = sent[at]!;
        const highMs = LATER_MS + (topic === 'interactions' ? attributionWindowMs : 0);
        return atMs >= MIDDLE_MS - warmUpMs && atMs < highMs;
      });
      const alone = world.application();
      await append(alone, inside);
      await alone.runToEnd();
      expect(factsOf(await samplesOf(application.config, 'warm'))).toEqual(factsOf(await alone.samples()));
    });

    it('under another budget: other rows are kept, the audit slice is the same', async () => {
      const application = await fed();
      await application.runToEnd();
      const config = { ...application.config, selection: { ...application.config.selection, budget: 0.1 } };
      const record = await replay(wishes(application, 'tenth', { config, sets: ['selection.budget=0.1'] }));
      const shadow = new Application(shadowOf(config, 'tenth').place);
      const idsOf = (rows: readonly Row[]) =>
        rows
          .filter((row) => (row['eventTimeMs'] as number) < LATER_MS)
          .map((row) => row.sampleId)
          .sort();
      expect(idsOf(await shadow.rows('audit'))).toEqual(idsOf(await application.rows('audit')));
      const [few, many] = [idsOf(await shadow.rows('training')), idsOf(await application.rows('training'))];
      expect(few.length).toBeLessThan(many.length / 2);
      expect(few.length).toBeGreaterThan(0);
      const compared = await compareReplays(asking(config, 'tenth'));
      expect(compared.b).toMatchObject({
        replay: 'tenth',
        sets: ['selection.budget=0.1'],
        cost: record.finished!.cost,
      });
      const inRange = (rows: readonly Row[]) =>
        rows.filter((row) => (row['eventTimeMs'] as number) >= MIDDLE_MS && (row['eventTimeMs'] as number) < LATER_MS);
      const [keptA, keptB] = [inRange(await application.rows('training')), inRange(await shadow.rows('training'))];
      const ofA = new Set(keptA.map((row) => row.sampleId));
      const both = keptB.filter((row) => ofA.has(row.sampleId)).length;
      expect([compared.a.kept, compared.b.kept]).toEqual([keptA.length, keptB.length]);
      expect(compared.overlap.ofB).toBeCloseTo(both / keptB.length, 12);
      const positivesOf = (rows: readonly Row[]) => rows.filter(({ label }) => label === 1).length;
      const clicks = compared.kept.find(({ label }) => label === 1)!;
      expect([clicks.a, clicks.b]).toEqual([positivesOf(keptA), positivesOf(keptB)]);
      await expect(compareReplays(asking(config, 'nowhere'))).rejects.toMatchObject({ code: 'replay-unknown' });
    });

    it('that is stopped goes on when it is asked for again, and ends as one that was not', async () => {
      const application = await fed({ batch: { maxBytes: 10_000 } });
      const stop = new AbortController();
      const onProgress = (count: number): void => {
        if (count > 200) stop.abort();
      };
      const stopped = await replay(wishes(application, 'again', { signal: stop.signal, onProgress }));
      expect(stopped.finished).toBeNull();
      const early = compareReplays(asking(application.config, 'again'));
      await expect(early).rejects.toMatchObject({ code: 'replay-unknown' });
      const reason = replay(wishes(application, 'again', { sets: ['selection.budget=0.1'] }));
      await expect(reason).rejects.toMatchObject({ code: 'replay-exists' });
      expect((await replay(wishes(application, 'again'))).finished).not.toBeNull();
      // In two threads, in one go.
      const config = { ...application.config, run: { ...application.config.run, threads: 2 } };
      await replay(wishes(application, 'whole', { config }));
      const again = await samplesOf(application.config, 'again');
      expect(factsOf(again)).toEqual(factsOf(await samplesOf(application.config, 'whole')));
      await expect(replay(wishes(application, 'again'))).rejects.toMatchObject({ code: 'replay-exists' });
    });

    it('of no impression, of windows that are not over, or the wrong way round is refused', async () => {
      const application = await fed();
      const refused = (fromMs: number, toMs: number) =>
        expect(replay(wishes(application, 'none', { range: { fromMs, toMs, warmUpMs: 0 } }))).rejects.toMatchObject({
          code: 'replay-range',
        });
      await refused(SHOWN_MS - 7_200_000, SHOWN_MS - 3_600_000);
      // And leaves nothing behind.
      await expect(compareReplays(asking(application.config, 'none'))).rejects.toThrow('there is none in');
      await refused(LATER_MS, MIDDLE_MS);
      await refused(LATER_MS, systemClock.nowMs());
      // The embedded store forgets when it is told to: what is left of the first partition begins behind the middle.
      const ofFirst = messages(sent, bySession).filter(
        ({ topic, partition }) => topic === 'impressions' && partition === 0,
      );
      const isCut = await application.withTransport(async (transport) => {
        await transport.discard?.('impressions', 0, Math.floor(ofFirst.length * 0.6));
        return transport.discard !== undefined;
      });
      if (isCut) await refused(MIDDLE_MS, LATER_MS);
      if (isCut)
        expect(
          (
            await replay(
              wishes(application, 'left', { range: { fromMs: LATER_MS - 60_000, toMs: LATER_MS, warmUpMs: 600_000 } }),
            )
          ).finished,
        ).not.toBeNull();
    });
  });
}

const isListBefore =
  (toMs: number) =>
  ({ topic, atMs }: { readonly topic: string; readonly atMs: number }): boolean =>
    topic === 'impressions' && atMs < toMs;
