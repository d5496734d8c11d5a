import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordingLogger, silentLogger } from '../../src/adapters/memory/index.js';
import { coinFacts } from '../../src/app/explain/coin.js';
import { explainSample } from '../../src/app/explain/explain.js';
import { readTopic } from '../../src/app/read-topic.js';
import { openCodecs, openPseudonymiser } from '../../src/app/wire.js';
import { systemClock } from '../../src/adapters/system/index.js';
import type { Accounting } from '../../src/app/accounting.js';
import type { TrainingSample } from '../../src/events/words.js';
import { createKeyOf } from '../../src/pipeline/state/keys.js';
import { createHash32 } from '../../src/adapters/xxhash/index.js';
import { OUTPUTS } from '../../src/ports/transport.js';
import { type Application, embedded, type Row, World } from './fixture.js';

/** People who can be recognised wherever they turn up. */
const PEOPLE = ['anna.muster@example.com', 'bert@example.org', '+49-151-555-0199'];
const sessionOf = (n: number): string => `sess-${n % 3}-4711`;
const RAW = [...PEOPLE, '-4711', 'example.', 'secret wish', '198.51.100.'];

const keyOf = createKeyOf(await createHash32());
const SHOWN_MS = Date.UTC(2026, 0, 5);
const WINDOW_MS = 60_000;
const LISTS = 400;

/** How one list and its click name themselves. */
interface Naming {
  readonly requestId: string;
  /** Given ids of its impressions; absent: none. */
  readonly impressionId?: (position: number) => string;
  readonly isHidden: boolean;
}

/** Producers that make ids of people, and one that does not. */
function namingOf(n: number): Naming {
  const [user, session] = [PEOPLE[n % 3]!, sessionOf(n)];
  switch (n % 5) {
    case 0:
      return { requestId: `${user}/${n}`, isHidden: true };
    case 1:
      return { requestId: `${session}:${n}`, isHidden: true };
    case 2:
      return { requestId: `plain-${n}`, isHidden: false };
    case 3:
      return { requestId: `plain-${n}`, impressionId: (position) => `${session}~${n}~${position}`, isHidden: true };
    default:
      return { requestId: `${user}#${n}`, impressionId: (position) => `imp-${n}-${position}`, isHidden: true };
  }
}

/** The same without people. */
const opaqueNaming = (n: number): Naming => {
  const { impressionId } = namingOf(n);
  return {
    requestId: `plain-${n}`,
    ...(impressionId ? { impressionId: (position: number) => `imp-${n}-${position}` } : {}),
    isHidden: false,
  };
};

const timeOf = (n: number): number => SHOWN_MS + n * 1_000;

function listOf(n: number, naming: (n: number) => Naming): object {
  const { requestId, impressionId } = naming(n);
  return {
    requestId,
    eventTimeMs: timeOf(n),
    surface: 'SEARCH',
    sessionId: sessionOf(n),
    userId: PEOPLE[n % 3],
    query: `secret wish ${n % 7}`,
    context: { ip: `198.51.100.${n % 9}`, page: 'home' },
    items: [1, 2, 3, 4].map((position) => ({
      itemId: `i${(n * 7 + position * 3) % 29}`,
      position,
      category: `c${position}`,
      ...(impressionId ? { impressionId: impressionId(position) } : {}),
    })),
  };
}

/** A click that names the request or the impression, and its user or not; every ninth comes after the window. */
function clickOf(n: number, naming: (n: number) => Naming): object {
  const { requestId, impressionId } = naming(n);
  const position = 1 + (n % 4);
  const names = n % 2 === 0 ? { requestId } : { impressionId: impressionId?.(position) ?? `${requestId}#${position}` };
  return {
    // Made of the id that it names: it holds the user, even where the click does not say who that is.
    interactionId: `${Object.values(names)[0]}-click`,
    eventTimeMs: timeOf(n) + (n % 9 === 0 ? WINDOW_MS + 5_000 : 2_000 * (n % 3)),
    type: 'CLICK',
    sessionId: sessionOf(n),
    ...(n % 4 < 2 ? { userId: PEOPLE[n % 3] } : {}),
    itemId: `i${(n * 7 + position * 3) % 29}`,
    ...names,
  };
}

const BROKEN = { requestId: 'r', sessionId: 'sess-9-4711', userId: [PEOPLE[0]], eventTimeMs: SHOWN_MS, items: [] };

function eventsOf(world: World, naming: (n: number) => Naming): string {
  const all = Array.from({ length: LISTS }, (_, n) => n);
  return world.events(
    [...all.map((n) => listOf(n, naming)), BROKEN, `{"sessionId": "${PEOPLE[0]}", broken`],
    all.filter((n) => n % 2 === 0 || n % 3 === 0).map((n) => clickOf(n, naming)),
  );
}

function plainOf(topic: string, bytes: Buffer): Buffer {
  return topic === 'checkpoints' && bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
}

/** Everything that an application wrote anywhere, by where; dead letters without payload and key. */
async function everythingOf(application: Application, logger: RecordingLogger): Promise<Map<string, string>> {
  const written = new Map([
    ['logs', JSON.stringify(logger.lines)],
    ['metrics', JSON.stringify(application.metrics.measurements)],
  ]);
  await application.withTransport(async (transport) => {
    for (const topic of OUTPUTS) {
      const parts: string[] = [];
      for await (const { key, value, headers } of readTopic(transport, topic)) {
        parts.push(JSON.stringify(headers));
        if (topic === 'dead-letters') continue;
        parts.push(Buffer.from(key ?? []).toString('latin1'));
        const bytes = Buffer.from(value ?? []);
        parts.push(plainOf(topic, bytes).toString('latin1'));
      }
      written.set(topic, parts.join('\n'));
    }
    for (const [partition, { progress }] of await transport.committedAll())
      written.set(`progress ${partition}`, progress ?? '');
  });
  return written;
}

/** Labels by what no naming changes. */
const labelsOf = (rows: Iterable<Row>): string[] =>
  [...rows].map((row) => `${String(row['eventTimeMs'])} ${String(row['position'])} ${row.label}`).sort();

describe('raw ids of people', () => {
  const world = new World(embedded, {
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: 10_000 },
    topics: { partitions: 1 },
    selection: { auditFraction: 0.2, budget: 1 },
    retrain: { learner: 'linear', everySamples: 400 },
    state: { checkpointEveryBytes: 20_000 },
    batch: { maxBytes: 20_000 },
  });
  const logger = new RecordingLogger();
  const application = world.application();
  let accounting: Accounting;
  beforeAll(async () => {
    accounting = await application.runToEnd(eventsOf(world, namingOf), { logger });
  });
  afterAll(() => world.remove());

  it('leave in nothing that goes out or is kept, but in the payload and key of dead letters', async () => {
    const written = await everythingOf(application, logger);
    for (const [place, text] of written) for (const raw of RAW) expect(text, `${raw} in ${place}`).not.toContain(raw);
    const places = ['training', 'audit', 'late', 'dead-letters', 'snapshots', 'checkpoints', 'progress 0', 'logs'];
    for (const place of places) expect(written.get(place)?.length, place).toBeGreaterThan(100);
    for (const topic of ['training', 'audit']) expect(written.get(topic)).toContain('plain-');
    expect(accounting.impressions.deadLettered).toBe(2);
  });

  it('are counted by message and said once', () => {
    const lists = Array.from({ length: LISTS }, (_, n) => n).filter((n) => namingOf(n).isHidden).length;
    const isCaught = (n: number): boolean => {
      const { interactionId, userId } = clickOf(n, namingOf) as { interactionId: string; userId?: string };
      return interactionId.includes(sessionOf(n)) || (userId !== undefined && interactionId.includes(userId));
    };
    const clicks = Array.from({ length: LISTS }, (_, n) => n).filter(
      (n) => (n % 2 === 0 || n % 3 === 0) && isCaught(n),
    ).length;
    expect(accounting.identifyingIds).toBe(lists + clicks);
    expect(application.metrics.total('sluice_identifying_ids_total')).toBe(lists + clicks);
    expect(logger.messages('warn').filter((message) => message.includes('session or user id'))).toHaveLength(1);
  });

  it('in ids of requests change no join: the same stream with opaque ids gives the same labels', async () => {
    const opaque = world.application();
    const { interactions, samples, identifyingIds } = await opaque.runToEnd(eventsOf(world, opaqueNaming));
    expect(accounting.interactions).toEqual(interactions);
    expect(accounting.interactions.late).toBeGreaterThan(10);
    expect([samples.seen, samples.positive, identifyingIds]).toEqual([
      accounting.samples.seen,
      accounting.samples.positive,
      0,
    ]);
    expect(labelsOf((await application.samples()).values())).toEqual(labelsOf((await opaque.samples()).values()));
  });

  it('in a sample id leave its coin to whoever has the sample: it was kept exactly where the coin says so', async () => {
    const thinned = world.application({ selection: { auditFraction: 0.2, budget: 0.3 } });
    await thinned.runToEnd(eventsOf(world, namingOf));
    const rows = await thinned.rows('training');
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows) {
      const { coin, isBelow } = coinFacts(row as unknown as TrainingSample, 'training', thinned.config, keyOf);
      expect(isBelow, `${row.sampleId} ${coin}`).toBe(true);
    }
    const pool = (await everythingOf(thinned, new RecordingLogger())).get('pool')!;
    expect(pool.length).toBeGreaterThan(rows.length * 100);
    for (const raw of RAW) expect(pool, `${raw} in the pool`).not.toContain(raw);
  });

  it('in a sample id are no way to lose it: it is explained by the id that was sent', async () => {
    const { config } = application;
    const keyed = await openPseudonymiser(config, { logger: silentLogger, mayMake: false });
    const codecs = openCodecs(config, { logger: silentLogger, clock: systemClock });
    const ids = new Set((await application.samples()).keys());
    await application.withTransport(async (transport) => {
      for (const n of [0, 1, 2, 3, 4]) {
        const { requestId, impressionId } = namingOf(n);
        const sent = impressionId?.(2) ?? `${requestId}#2`;
        const { sample } = await explainSample({ config, transport, codecs, keyed }, sent);
        expect(ids.has(sample.sampleId)).toBe(true);
        expect([sample.eventTimeMs, sample.position]).toEqual([timeOf(n), 2]);
      }
    });
  });

  it('do not matter under requestIds: pseudonymous: no id leaves as it was sent, and each is found by it', async () => {
    const hidden = world.application({ privacy: { ...application.config.privacy, requestIds: 'pseudonymous' } });
    const log = new RecordingLogger();
    const { interactions, identifyingIds } = await hidden.runToEnd(eventsOf(world, namingOf), { logger: log });
    expect(interactions).toEqual(accounting.interactions);
    expect(identifyingIds).toBe(accounting.identifyingIds);
    for (const [place, text] of await everythingOf(hidden, log))
      for (const raw of [...RAW, 'plain-', 'imp-', '-click']) expect(text, `${raw} in ${place}`).not.toContain(raw);
    const { config } = hidden;
    const keyed = await openPseudonymiser(config, { logger: silentLogger, mayMake: false });
    const codecs = openCodecs(config, { logger: silentLogger, clock: systemClock });
    await hidden.withTransport(async (transport) => {
      const { sample } = await explainSample({ config, transport, codecs, keyed }, 'plain-2#3');
      expect([sample.eventTimeMs, sample.position]).toEqual([timeOf(2), 3]);
      await expect(explainSample({ config, transport, codecs }, 'plain-2#3')).rejects.toThrow('plain-2#3');
    });
    expect(labelsOf((await hidden.samples()).values())).toEqual(labelsOf((await application.samples()).values()));
  });
});
