import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import { openPlan } from '../../src/app/open-plan.js';
import { requeueDeadLetters } from '../../src/app/requeue.js';
import { resetApplication } from '../../src/app/reset.js';
import type { Config } from '../../src/config/schema.js';
import { streamTopics } from '../../src/config/topics.js';
import { partitionOfText } from '../../src/events/partition.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { Application, type Changes, factsOf, resetDeps, type Place, World } from './fixture.js';
import { startSluice } from './process-child.js';

const PARTITIONS = 4;
const SHOWN_MS = Date.UTC(2026, 0, 5);
/** How far a message may be behind those before it on its partition, and the lateness that allows for it. */
const DISORDER_MS = 5_000;
const JOIN = { attributionWindowMs: 60_000, allowedLatenessMs: 10_000 };
export const KEEP = { selection: { budget: 0.5 }, join: JOIN, topics: { partitions: PARTITIONS } } as const;

interface Sent {
  readonly topic: 'impressions' | 'interactions';
  readonly session: string;
  readonly user: string;
  readonly atMs: number;
  readonly value: object;
}
type Partitioner = (of: Sent, index: number) => number;

export const bySession: Partitioner = ({ session }) => partitionOfText(session, PARTITIONS);
const byUser: Partitioner = ({ user }) => partitionOfText(user, PARTITIONS);
/** The default of librdkafka. */
const byCrc32: Partitioner = ({ session }) => crc32(session) % PARTITIONS;
/** Keyless, as a producer without a key spreads them. */
export const scattered: Partitioner = (_, index) => (index * 7 + (index >> 3)) % PARTITIONS;

/** Lists and clicks of sessions, every event at a time of its own; hours of it, sent nearly in order. */
export function traffic(listCount: number): Sent[] {
  let state = 12_345;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const sent: Sent[] = [];
  for (let n = 0; n < listCount; n++) {
    const session = `session-${draw(listCount / 4)}`;
    const of = { session, user: `user-of-${session}` };
    const atMs = SHOWN_MS + n * 2_000;
    const items = [0, 1, 2].map((at) => ({ itemId: `item-${(n + at * 7) % 40}`, position: at + 1 }));
    const requestId = `request-${n}`;
    const event = { sessionId: of.session, userId: of.user };
    sent.push({
      ...of,
      topic: 'impressions',
      atMs,
      value: { ...event, requestId, eventTimeMs: atMs, surface: 'SEARCH', items },
    });
    if (draw(3) > 0) continue;
    const clickedMs = atMs + 1 + 2 * draw(20_000);
    const { itemId } = items[draw(3)]!;
    const value = { ...event, interactionId: `click-${n}`, eventTimeMs: clickedMs, type: 'CLICK', itemId, requestId };
    sent.push({ ...of, topic: 'interactions', atMs: clickedMs, value });
  }
  const order = new Map(sent.map((each) => [each, each.atMs + draw(DISORDER_MS)]));
  return sent.sort((left, right) => order.get(left)! - order.get(right)!);
}

export function messages(sent: readonly Sent[], partitioner: Partitioner, lists = partitioner): NewRecord[] {
  return sent.map((each, index) => ({
    topic: each.topic,
    key: Buffer.from(each.user),
    value: Buffer.from(JSON.stringify(each.value)),
    partition: (each.topic === 'impressions' ? lists : partitioner)(each, index),
  }));
}

/** What `transport.repartition: session` promises, on any transport. */
export function repartitionLaws(title: string, place: Place): void {
  describe(`the repartition step on ${title}`, () => {
    const world = new World(place, KEEP);
    afterAll(() => world.remove());
    const sent = traffic(1_200);

    /** An application of these inputs; with the step its transport says so. */
    const application = (repartition: 'none' | 'session', changes: Changes = {}): Application => {
      const { config } = world.application(changes);
      return turned(config, repartition);
    };
    const append = (to: Application, records: readonly NewRecord[]): Promise<void> =>
      to.withTransport((transport) => transport.append(records));
    let expected: Promise<Map<string, unknown>> | undefined;
    const rightly = async (): Promise<Map<string, unknown>> => {
      const right = application('none');
      await append(right, messages(sent, bySession));
      await right.runToEnd();
      return factsOf(await right.samples());
    };

    it.each([
      ['both keyed by user', byUser, byUser],
      ['clicks by user, lists by another partitioner', byUser, byCrc32],
      ['clicks rightly, lists on any partition', bySession, scattered],
      ['both without a key', scattered, scattered],
    ])('%s: the samples are those of rightly keyed inputs, to the bit', async (_, clicks, lists) => {
      expected ??= rightly();
      const wrong = application('session');
      await append(wrong, messages(sent, clicks, lists));
      const { impressions, interactions } = await wrong.runToEnd();
      expect(impressions.read).toBe(3 * 1_200);
      expect(interactions.joined).toBe(sent.filter(({ topic }) => topic === 'interactions').length);
      expect(factsOf(await wrong.samples())).toEqual(await expected);
    });

    it('killed and started again, fed in between: the same samples, each once', async () => {
      expected ??= rightly();
      const wrong = application('session', { state: { checkpointEveryMs: 100 }, batch: { maxBytes: 20_000 } });
      const all = messages(sent, byUser, scattered);
      const file = join(world.folder, `killed-${wrong.config.application}.json`);
      writeFileSync(file, JSON.stringify({ ...wrong.config, log: { level: 'info' } }));
      const parts = 5;
      for (let part = 0; part < parts; part++) {
        await append(wrong, all.slice((part * all.length) / parts, ((part + 1) * all.length) / parts));
        const child = startSluice(['run', '--config', file]);
        await child.said('moving messages to the partitions of their sessions');
        await new Promise((resolve) => setTimeout(resolve, 150 * part));
        child.signal('SIGKILL');
        await child.ended;
      }
      await wrong.runToEnd();
      expect(factsOf(await wrong.samples())).toEqual(await expected);
    });

    it('what cannot be read is one dead letter, which can be sent again', async () => {
      const wrong = application('session');
      const bad = { topic: 'impressions', key: Buffer.from('k'), value: Buffer.from('{"no'), partition: 2 } as const;
      await append(wrong, [...messages(sent.slice(0, 40), byUser), bad]);
      const { impressions } = await wrong.runToEnd();
      expect(impressions.deadLettered).toBe(1);
      expect(await wrong.rows('dead-letters')).toMatchObject([{ code: 'undecodable', sourcePartition: 2 }]);
      const again = await wrong.withTransport((transport) =>
        requeueDeadLetters(transport, streamTopics(wrong.config), { filter: {} }),
      );
      expect(again.sent).toBe(1);
      expect((await wrong.runToEnd()).impressions.deadLettered).toBe(2);
    });

    it('turned on or off in mid-stream it is refused by name, and `reset` is the way', async () => {
      const before = application('none');
      await append(before, messages(sent.slice(0, 400), bySession));
      const { samples } = await before.runToEnd();
      const on = turned(before.config, 'session');
      await expect(on.runToEnd()).rejects.toMatchObject({
        code: 'settings-changed',
        message: expect.stringContaining('transport.repartition was "none" and is "session"') as string,
      });
      const planned = await planOf(on);
      expect(planned).toMatchObject({ verdict: 'refused', refusals: [{ code: 'settings-changed' }] });
      expect(await planOf(before)).toMatchObject({ verdict: 'unchanged', missingTopics: [] });
      await append(before, messages(sent.slice(400, 410), bySession));
      expect((await before.runToEnd()).samples.seen).toBeGreaterThan(samples.seen);

      const reset = (of: Application): Promise<unknown> =>
        of.withTransport((transport) => resetApplication(of.config, transport, 'end', resetDeps()));
      await reset(on);
      await append(on, messages(sent.slice(410, 500), byUser));
      const after = await on.runToEnd();
      expect(after.impressions.read).toBe(
        3 * sent.slice(410, 500).filter(({ topic }) => topic === 'impressions').length,
      );
      await expect(before.runToEnd()).rejects.toMatchObject({ code: 'settings-changed' });
      await reset(before);
      await append(before, messages(sent.slice(500, 600), bySession));
      const again = await before.runToEnd();
      expect(again.impressions.read).toBe(
        3 * sent.slice(500, 600).filter(({ topic }) => topic === 'impressions').length,
      );
    });
  });
}

const planOf = (of: Application): ReturnType<typeof openPlan> =>
  openPlan(of.config, { logger: silentLogger, clock: systemClock });

export function turned(config: Config, repartition: 'none' | 'session'): Application {
  // A killed member holds its partitions as long.
  return new Application({ ...config, transport: { ...config.transport, repartition, sessionTimeoutMs: 6_000 } });
}
