import { afterAll, describe, expect, it } from 'vitest';
import { RecordingLogger } from '../../src/adapters/memory/index.js';
import { partitionOfText } from '../../src/events/partition.js';
import { embedded, World } from './fixture.js';

const PARTITIONS = 4;
const SHOWN_MS = Date.UTC(2026, 0, 5);

describe('request ids that sessions on different partitions share', () => {
  const world = new World(embedded, {
    topics: { partitions: PARTITIONS },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.1 },
  });
  afterAll(() => world.remove());
  const sessions = Array.from({ length: 40 }, (_, n) => `session-${n}`);
  const [first, second] = [0, 1].map((of) => sessions.filter((id) => partitionOfText(id, PARTITIONS) === of));
  const pairs = first!.slice(0, 5).map((session, n) => [session, second![n]!] as const);

  const list = (sessionId: string, requestId: string, atMs: number): object => ({
    requestId,
    eventTimeMs: SHOWN_MS + atMs,
    surface: 'SEARCH',
    sessionId,
    items: [1, 2].map((position) => ({ itemId: `item-${position}`, position })),
  });
  const click = (sessionId: string, requestId: string, by: object, atMs: number): object => ({
    interactionId: `click-${sessionId}-${requestId}`,
    eventTimeMs: SHOWN_MS + atMs,
    type: 'CLICK',
    sessionId,
    itemId: 'item-1',
    ...by,
  });

  it('a click labels the sample of its own session alone, and the shared ids are counted and said', async () => {
    const application = world.application();
    const logger = new RecordingLogger();
    const events = world.events(
      pairs.flatMap((pair, n) => pair.map((session) => list(session, `r${n}`, n))),
      pairs.map(([session], n) =>
        click(session, `r${n}`, n % 2 === 0 ? { requestId: `r${n}` } : { impressionId: `r${n}#1` }, 1_000 + n),
      ),
    );
    const { samples, interactions } = await application.runToEnd(events, { logger });
    expect(samples).toMatchObject({ seen: 4 * pairs.length, positive: pairs.length });
    expect(interactions.joined).toBe(pairs.length);
    const rows = [...(await application.rows('training')), ...(await application.rows('audit'))];
    const labels = (sampleId: string): number[] =>
      rows.filter((row) => row.sampleId === sampleId).map((row) => row.label);
    for (const n of pairs.keys()) {
      expect(labels(`r${n}#1`).sort()).toEqual([0, 1]);
      expect(labels(`r${n}#2`)).toEqual([0, 0]);
    }
    expect(application.metrics.total('sluice_shared_sample_ids_total')).toBe(2 * pairs.length);
    const said = logger.lines.filter(({ message }) => message.includes('samples of two sessions have one id'));
    expect(said.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it('ids of one session each: nothing is counted or said', async () => {
    const application = world.application();
    await application.runToEnd(
      world.events(
        pairs.flat().map((session, n) => list(session, `r${n}`, n)),
        [],
      ),
    );
    expect(application.metrics.total('sluice_shared_sample_ids_total')).toBe(0);
  });
});
