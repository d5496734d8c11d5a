import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { RecordingLogger, RecordingMetrics } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import type { Accounting } from '../../src/app/accounting.js';
import { runSluice } from '../../src/app/run.js';
import { partitionOfText } from '../../src/events/partition.js';
import { createHealthBoard } from '../../src/observe/health-board.js';
import type { InputName } from '../../src/ports/transport.js';
import { type Application, type Place, World } from './fixture.js';

const PARTITIONS = 4;
const SESSIONS = Array.from({ length: 200 }, (_, n) => ({ session: `session-${n}`, user: `user-${n}` }));
type Session = (typeof SESSIONS)[number];
type Partitioner = (of: Session) => number;

/** The default one: with it the transport is left to place by key. */
const bySession: Partitioner = ({ session }) => partitionOfText(session, PARTITIONS);
const byUser: Partitioner = ({ user }) => partitionOfText(user, PARTITIONS);
/** The default of librdkafka, and so of the clients for Python, Go and .NET. */
const byCrc32: Partitioner = ({ session }) => crc32(session) % PARTITIONS;

const SHOWN_MS = Date.UTC(2026, 0, 5);
const event = (of: Session): object => ({ sessionId: of.session, userId: of.user, eventTimeMs: SHOWN_MS });
const list = (of: Session): object => ({
  ...event(of),
  requestId: of.session,
  surface: 'SEARCH',
  items: [{ itemId: 'a', position: 1 }],
});
const click = (of: Session): object => ({ ...event(of), interactionId: of.session, type: 'CLICK', itemId: 'a' });

interface Outcome {
  readonly accounting: Accounting;
  readonly logger: RecordingLogger;
  readonly misplaced: (input: InputName) => number;
}

/** What is said when the inputs are partitioned otherwise than by session, on any transport. */
export function placementLaws(title: string, place: Place): void {
  describe(`the placing of sessions on ${title}`, () => {
    const world = new World(place, { topics: { partitions: PARTITIONS } });
    afterAll(() => world.remove());

    /** Sends one list and one click a session, placed so, and runs to the end. */
    async function outcomeOf(application: Application, lists: Partitioner, clicks: Partitioner): Promise<Outcome> {
      const key = (of: Session): Buffer => Buffer.from(of.session);
      const placed = (partitioner: Partitioner, of: Session): { readonly partition?: number } =>
        partitioner === bySession ? {} : { partition: partitioner(of) };
      const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
      await application.withTransport((transport) =>
        transport.append(
          SESSIONS.flatMap((of) => [
            { topic: 'impressions', key: key(of), value: json(list(of)), ...placed(lists, of) },
            { topic: 'interactions', key: key(of), value: json(click(of)), ...placed(clicks, of) },
          ]),
        ),
      );
      return run(application);
    }

    async function run({ config }: Application): Promise<Outcome> {
      const [metrics, logger] = [new RecordingMetrics(), new RecordingLogger()];
      const accounting = await runSluice(config, {
        untilEnd: true,
        signal: new AbortController().signal,
        logger,
        metrics,
        health: createHealthBoard(systemClock),
      });
      return { accounting, logger, misplaced: (input) => metrics.total('sluice_misplaced_records_total', { input }) };
    }

    const said = ({ lines }: RecordingLogger, word: string): RecordingLogger['lines'] =>
      lines.filter(({ message }) => message.includes(word));
    const APART = 'lie on different partitions and cannot join';
    const UNKNOWN = 'neither input lies where';

    it('by the default partitioner: all meet, nothing is counted or said', async () => {
      const { accounting, logger, misplaced } = await outcomeOf(world.application(), bySession, bySession);
      expect(accounting.interactions.joined).toBe(SESSIONS.length);
      expect([misplaced('impressions'), misplaced('interactions')]).toEqual([0, 0]);
      expect([...said(logger, APART), ...said(logger, UNKNOWN)]).toEqual([]);
    });

    it.each([
      ['clicks by another partitioner', bySession, byCrc32],
      ['clicks keyed by user', bySession, byUser],
      ['lists keyed by user', byUser, bySession],
    ])(
      '%s: counted on that input, and said once with both partition counts and the remedy',
      async (_, lists, clicks) => {
        const application = world.application();
        const { accounting, logger, misplaced } = await outcomeOf(application, lists, clicks);
        expect(accounting.interactions.joined).toBe(SESSIONS.filter((of) => lists(of) === clicks(of)).length);
        const elsewhere = (partitioner: Partitioner): number =>
          SESSIONS.filter((of) => partitioner(of) !== bySession(of)).length;
        const [listCount, clickCount] = [elsewhere(lists), elsewhere(clicks)];
        expect(listCount + clickCount).toBeGreaterThan(100);
        expect([misplaced('impressions'), misplaced('interactions')]).toEqual([listCount, clickCount]);
        const [line, ...more] = said(logger, APART);
        expect(more).toEqual([]);
        expect(line).toMatchObject({
          level: 'error',
          message: expect.stringContaining('partitioner=murmur2_random') as string,
          fields: {
            inputs: [
              { topic: `${application.config.topics.prefix}impressions`, partitions: PARTITIONS },
              { topic: `${application.config.topics.prefix}interactions`, partitions: PARTITIONS },
            ],
          },
        });
        const again = await run(application);
        expect([again.misplaced('impressions'), again.misplaced('interactions')]).toEqual([0, 0]);
      },
    );

    it('both by another partitioner: all meet, and a warning says what it depends on', async () => {
      const { accounting, logger } = await outcomeOf(world.application(), byCrc32, byCrc32);
      expect(accounting.interactions.joined).toBe(SESSIONS.length);
      expect(said(logger, APART)).toEqual([]);
      expect(said(logger, UNKNOWN)).toHaveLength(1);
    });
  });
}
