import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/memory/index.js';
import { systemClock } from '../../../src/adapters/system/index.js';
import { asProduced } from '../../../src/app/dry-run/as-produced.js';
import { dryRunTopics, type DryRunFinding, type DryRunSummary } from '../../../src/app/dry-run/dry-run.js';
import { openCodecs, openTransport } from '../../../src/app/wire.js';
import { INPUTS, OUTPUTS, type NewRecord } from '../../../src/ports/transport.js';
import { World, type Application, type Place } from '../fixture.js';

const T0 = 1_750_000_000_000;
const WINDOW_MS = 60_000;

/** A dry run of topics, on one transport. */
export function dryRunLaws(place: Place): void {
  let world: World;
  beforeAll(() => void (world = new World(place, { join: { attributionWindowMs: WINDOW_MS } })));
  afterAll(() => world.remove());

  async function dry(
    { config }: Application,
    most = 1_000,
  ): Promise<{ readonly summary: DryRunSummary; readonly findings: readonly DryRunFinding[] }> {
    const deps = { logger: silentLogger, clock: systemClock };
    const transport = openTransport(asProduced(config), deps);
    const findings: DryRunFinding[] = [];
    try {
      const sources = { config, transport, codecs: openCodecs(config, deps) };
      const summary = await dryRunTopics(
        sources,
        most,
        () => undefined,
        async (finding) => void findings.push(finding),
      );
      return { summary, findings };
    } finally {
      await transport.close();
    }
  }

  const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const list = (requestId: string, over: object = {}, partition = 0): NewRecord => ({
    topic: 'impressions',
    key: null,
    partition,
    value: bytes({
      ...{ requestId, eventTimeMs: T0, surface: 'SEARCH', sessionId: 's' },
      ...{ items: [{ itemId: 'a', position: 1 }], ...over },
    }),
  });
  const click = (interactionId: string, over: object = {}, partition = 0): NewRecord => ({
    topic: 'interactions',
    key: null,
    partition,
    value: bytes({ interactionId, eventTimeMs: T0 + 1_000, type: 'CLICK', sessionId: 's', itemId: 'a', ...over }),
  });
  const append = (application: Application, records: readonly NewRecord[]): Promise<void> =>
    application.withTransport((transport) => transport.append(records));

  describe('a dry run of the input topics', () => {
    test('tells what would be refused, with the place of the message, and what would be a duplicate', async () => {
      const application = world.application();
      await append(application, [
        list('r1'),
        list('r1'),
        list('r2', { surface: 'RADIO' }),
        click('i1'),
        click('i1'),
        click('i2', { type: 'STARE' }),
      ]);
      const { summary, findings } = await dry(application);
      const { impressions, interactions } = {
        impressions: `${application.config.topics.prefix}impressions`,
        interactions: `${application.config.topics.prefix}interactions`,
      };
      expect(findings).toMatchObject([
        { topic: impressions, partition: 0, offset: 2, code: 'invalid-field' },
        { topic: interactions, partition: 0, offset: 2, code: 'invalid-field' },
      ]);
      expect(summary).toMatchObject({ deadLetters: 2, duplicates: { impressions: 1, interactions: 1 } });
    });

    test('reads the newest messages of each partition and no others', async () => {
      const application = world.application({ topics: { partitions: 2 } });
      const lists = Array.from({ length: 40 }, (_, n) => list(`r${n}`, {}, n % 2));
      await append(application, lists);
      const { summary } = await dry(application, 10);
      expect(summary.impressions).toBeGreaterThanOrEqual(8);
      expect(summary.impressions).toBeLessThanOrEqual(10);
    });

    test('tells of each interaction whether it would find its impression, and why not', async () => {
      const application = world.application({ topics: { partitions: 2 } });
      await append(application, [
        list('r0', { eventTimeMs: T0 - 10 * WINDOW_MS }),
        list('r1'),
        list('r2', { sessionId: 'other' }, 1),
        list('last', { eventTimeMs: T0 + 10 * WINDOW_MS }),
        click('by-request', { requestId: 'r1' }),
        click('by-impression', { impressionId: 'r1#1' }),
        click('by-session'),
        click('no-list', { requestId: 'r9' }),
        click('no-item', { requestId: 'r1', itemId: 'z' }),
        click('not-shown', { itemId: 'z' }),
        click('elsewhere', { requestId: 'r2' }),
        click('too-late', { requestId: 'r1', eventTimeMs: T0 + 2 * WINDOW_MS }),
        click('outside', { requestId: 'r8', eventTimeMs: T0 - 10 * WINDOW_MS }),
      ]);
      const { summary } = await dry(application);
      expect(
        Object.fromEntries(summary.joins.map(({ fate, interactions, example }) => [fate, [interactions, example]])),
      ).toEqual({
        joined: [3, 'by-request'],
        'list-not-there': [1, 'no-list'],
        'item-not-in-list': [1, 'no-item'],
        'never-shown': [1, 'not-shown'],
        'other-partition': [1, 'elsewhere'],
        'after-window': [1, 'too-late'],
        'not-judged': [1, 'outside'],
      });
    });

    test('names optional fields that are misspelt, and no field that somebody reads or that stands beside the right one', async () => {
      const application = world.application({ output: { carry: ['items.titel2'] } });
      await append(application, [
        list('r1', { querry: 'red dress', user_id: 'u', items: [{ itemId: 'a', position: 1, prise: 3, titel2: 'x' }] }),
        list('r2', { querry: 'x', query: 'x', userId: 'u', shop: 'de' }),
        click('i1', { requestid: 'r1' }),
      ]);
      const { summary } = await dry(application);
      expect(summary.misspelt.map(({ field, meant, messages }) => [field, meant, messages])).toEqual(
        expect.arrayContaining([
          ['querry', 'query', 1],
          ['user_id', 'userId', 1],
          ['items[].prise', 'items[].price', 1],
          ['requestid', 'requestId', 1],
        ]),
      );
      expect(summary.misspelt).toHaveLength(4);
    });

    test('writes nothing: no record, no position, no topic', async () => {
      const application = world.application();
      await append(application, [list('r1'), click('i1', { requestId: 'r1' }), list('r2', { surface: 'RADIO' })]);
      const state = () =>
        application.withTransport(async (transport) => [
          ...(await Promise.all([...INPUTS, ...OUTPUTS].map((topic) => transport.endOffsets(topic)))),
          [...(await transport.committedAll())],
        ]);
      const before = await state();
      await dry(application);
      expect(await state()).toEqual(before);
      await expect(dry(world.application())).rejects.toMatchObject({ code: 'topic-missing' });
    });
  });
}
