import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dryRun } from '../../src/app/dry-run/dry-run.js';
import { columnProblems } from '../../src/app/column-problems.js';
import { describeFeatures } from '../../src/app/describe.js';
import { configSchema } from '../../src/config/schema.js';
import { embedded, inputFactsOf, World } from './fixture.js';

const SHOWN_MS = Date.UTC(2026, 0, 5);
const LISTS = 60;

/** Item fields of the n-th list; a number, brand and vector of the producer's own. */
const itemOf = (list: number, place: number): object => ({
  itemId: `i${list}-${place}`,
  position: place + 1,
  attributes: { review: String(list + place / 10), brand: `b${place}`, label: `红色 shoe ${(list * place) % 5}` },
  vectors: [{ name: 'image', values: [list, place] }],
});
const lists = Array.from({ length: LISTS }, (_, list) => ({
  requestId: `r${list}`,
  eventTimeMs: SHOWN_MS + list * 10_000,
  surface: 'SEARCH',
  sessionId: `s${list % 7}`,
  query: `shoe ${list % 5}`,
  context: { age: String(20 + list), agent: `Mozilla/5.0 (iPhone) Version/${list} Safari/1` },
  items: [0, 1, 2].map((place) => itemOf(list, place)),
}));
const clicks = lists
  .filter((_, list) => list % 3 === 0)
  .map(({ requestId, eventTimeMs, sessionId, items }, at) => ({
    interactionId: `c${at}`,
    eventTimeMs: eventTimeMs + 1_000,
    type: 'CLICK',
    sessionId,
    requestId,
    itemId: (items[1] as { itemId: string }).itemId,
  }));
const declared = [
  { name: 'review', from: 'items.attributes.review', kind: 'number' as const, clip: [0, 40] as [number, number] },
  { name: 'age', from: 'context.age', kind: 'number' as const },
  { name: 'brand', from: 'items.attributes.brand', kind: 'category' as const, shown: true },
  { name: 'image', from: 'items.vectors.image', kind: 'vector' as const, dimension: 2, as: ['values' as const] },
  { name: 'found', from: 'items.attributes.label', kind: 'match' as const, by: 'bm25' as const },
  { name: 'os', from: 'context.agent', kind: 'category' as const, take: 'os' as const, values: ['ios', 'android'] },
];

describe('declared features of a run', () => {
  const world = new World(embedded, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    features: { declared },
    selection: { budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1 },
  });
  afterAll(() => world.remove());

  it('stand on every sample as they were sent, under the names that are described', async () => {
    const application = world.application();
    await application.runToEnd(world.events(lists, clicks));
    const names = (await describeFeatures(application.config)).columns.map(({ name }) => name);
    const samples = await application.samples();
    expect(samples.size).toBe(3 * LISTS);
    for (const [id, { features }] of samples) {
      const [list, place] = [Number(/^r(\d+)#/.exec(id)![1]), Number(/#(\d+)$/.exec(id)![1]) - 1];
      const value = (name: string): number | null | undefined => features[names.indexOf(name)];
      expect(Math.fround(value('review')!)).toBe(Math.fround(Math.min(40, list + place / 10)));
      expect(value('age')).toBe(20 + list);
      expect([value('image0'), value('image1')]).toEqual([list, place]);
      if (list > 0) expect(value('brandShown')).toBeGreaterThan(0);
      const isFound = (list * place) % 5 === list % 5;
      if (list > 10) expect(value('found')! > 0.15, id).toBe(isFound);
      expect([value('osIsios'), value('osIsandroid')]).toEqual([1, 0]);
    }
    const counted = (feature: string, outcome: string): number =>
      application.metrics.total('sluice_declared_values_total', { feature, outcome });
    expect(counted('review', 'read')).toBe(3 * LISTS);
  });

  it('are the same after restarts in the middle of the stream', async () => {
    const events = world.events(lists, clicks);
    const unbroken = world.application();
    await unbroken.runToEnd(events);
    const broken = world.application();
    await broken.send(events);
    for (const seen of [20, 70, 130]) await broken.runUntilSeen(seen);
    await broken.runToEnd();
    expect(inputFactsOf(await broken.samples())).toEqual(inputFactsOf(await unbroken.samples()));
  });

  it('of the wrong type or size are missing, counted by feature, and refuse nothing', async () => {
    const application = world.application();
    const wrong = {
      ...lists[0]!,
      query: ['no', {}],
      items: [{ itemId: 'x', position: 1, attributes: { review: 'good' }, vectors: [{ name: 'image', values: [1] }] }],
    };
    const { impressions } = await application.runToEnd(world.events([wrong], []));
    expect(impressions.deadLettered).toBe(0);
    const counted = (feature: string, outcome: string): number =>
      application.metrics.total('sluice_declared_values_total', { feature, outcome });
    expect([counted('review', 'wrong-type'), counted('brand', 'missing'), counted('image', 'wrong-size')]).toEqual([
      1, 1, 1,
    ]);
    expect([counted('found', 'missing'), counted('os', 'read')]).toEqual([1, 1]);
    const summary = await dryRun(
      { config: application.config, nowMs: SHOWN_MS },
      eventFile(world.folder, wrong),
      undefined,
      () => undefined,
      () => Promise.resolve(),
    );
    expect(summary.declared).toMatchObject({
      review: { read: 0, 'wrong-type': 1 },
      age: { read: 1 },
      image: { 'wrong-size': 1 },
    });
  });

  it('that cannot be are named before anything runs', () => {
    const { config } = world.application({
      features: { declared: [{ name: 'position', from: 'items.x', kind: 'number' }] },
    });
    expect(columnProblems(config)).toMatchObject([
      { paths: ['features.declared'], expectation: expect.stringContaining('position') as string },
    ]);
  });
});

describe.each(['json', 'avro'] as const)('fields that samples carry, as %s', (outputFormat) => {
  const world = new World(embedded, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    output: { carry: ['context.age', 'items.attributes.review', 'items.vectors.image', 'items.note', 'items.absent'] },
    wire: { outputFormat },
    selection: { budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1 },
  });
  afterAll(() => world.remove());

  it('stand on each sample as its message had them, restarts or not, and personal ones are masked', async () => {
    const noted = lists.map((list) => ({
      ...list,
      items: list.items.map((item) => ({ ...item, note: 'by anna@example.com' })),
    }));
    const application = world.application();
    await application.send(world.events(noted, clicks));
    for (const seen of [20, 70, 130]) await application.runUntilSeen(seen);
    await application.runToEnd();
    const samples = await application.samples();
    expect(samples.size).toBe(3 * LISTS);
    for (const [id, { carried }] of samples) {
      const [list, place] = [Number(/^r(\d+)#/.exec(id)![1]), Number(/#(\d+)$/.exec(id)![1]) - 1];
      expect(carried).toEqual({
        'context.age': String(20 + list),
        'items.attributes.review': String(list + place / 10),
        'items.vectors.image': [list, place],
        'items.note': 'by [email]',
        'items.absent': null,
      });
    }
  });
});

describe.each(['json', 'avro'] as const)('the vector of a request, as %s', (format) => {
  const world = new World(embedded, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    features: {
      declared: [{ name: 'image', from: 'items.vectors.image', kind: 'vector', dimension: 2, as: ['query'] }],
    },
    output: { carry: ['vectors.query', 'vectors.absent'] },
    wire: { inputFormat: format, outputFormat: format },
    selection: { budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1 },
  });
  afterAll(() => world.remove());

  it('is compared with those of the items and carried, restarts or not', async () => {
    const asked = lists.map((list, at) => ({
      ...list,
      ...(at % 2 === 0 ? { vectors: [{ name: 'query', values: [1, at] }] } : {}),
    }));
    const application = world.application();
    const events = world.events(asked, clicks);
    await application.send(events);
    for (const seen of [20, 70, 130]) await application.runUntilSeen(seen);
    await application.runToEnd();
    const at = (await describeFeatures(application.config)).columns.findIndex(({ name }) => name === 'imageQuery');
    const samples = await application.samples();
    expect(samples.size).toBe(3 * LISTS);
    for (const [id, { features, carried }] of samples) {
      const [list, place] = [Number(/^r(\d+)#/.exec(id)![1]), Number(/#(\d+)$/.exec(id)![1]) - 1];
      const hasVector = list % 2 === 0;
      expect(carried).toEqual({ 'vectors.query': hasVector ? [1, list] : null, 'vectors.absent': null });
      const length = Math.hypot(1, list) * Math.hypot(list, place);
      const isThere = hasVector && length > 0;
      if (isThere) expect(features[at]).toBeCloseTo((list + list * place) / length, 5);
      else expect(features[at]).toBeNull();
    }
    const counted = (outcome: string): number =>
      application.metrics.total('sluice_declared_values_total', { feature: 'imageQuery', outcome });
    expect(counted('read')).toBeGreaterThanOrEqual((3 * LISTS) / 2);
    expect(counted('missing')).toBeGreaterThanOrEqual((3 * LISTS) / 2);
  });
});

describe.each(['json', 'avro'] as const)('attributes that interactions bring, as %s', (inputFormat) => {
  const world = new World(embedded, {
    join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_000 },
    features: {
      declared: [
        { name: 'points', from: 'interactions.context.points', kind: 'number' },
        { name: 'tier', from: 'interactions.context.tier', kind: 'category', values: ['gold'] },
      ],
    },
    wire: { inputFormat },
    selection: { budget: 1, auditFraction: 0.2 },
    state: { checkpointEveryMs: 1 },
  });
  afterAll(() => world.remove());

  it('stand on the samples of what the session is shown next, restarts or not', async () => {
    const told = lists.map(({ eventTimeMs, sessionId }, at) => ({
      interactionId: `t${at}`,
      eventTimeMs: eventTimeMs + 2_000,
      type: 'VIEW',
      sessionId,
      itemId: 'account',
      context: { points: at % 9 === 0 ? 'many' : String(at), tier: at % 2 === 0 ? 'gold' : 'tin' },
    }));
    const application = world.application();
    await application.send(world.events(lists, told));
    for (const seen of [20, 70, 130]) await application.runUntilSeen(seen);
    await application.runToEnd();
    const names = (await describeFeatures(application.config)).columns.map(({ name }) => name);
    const samples = await application.samples();
    expect(samples.size).toBe(3 * LISTS);
    const lastBefore = (list: number, isRead: (at: number) => boolean): number | undefined =>
      told.map((_, at) => at).findLast((at) => at < list && at % 7 === list % 7 && isRead(at));
    for (const [id, { features }] of samples) {
      const list = Number(/^r(\d+)#/.exec(id)![1]);
      expect(features[names.indexOf('points')], id).toBe(lastBefore(list, (at) => at % 9 !== 0) ?? null);
      const tier = lastBefore(list, () => true);
      expect(features[names.indexOf('tierIsgold')], id).toBe(tier === undefined ? null : Number(tier % 2 === 0));
    }
    const counted = (outcome: string): number =>
      application.metrics.total('sluice_declared_values_total', { feature: 'points', outcome });
    expect(counted('wrong-type')).toBeGreaterThanOrEqual(Math.ceil(LISTS / 9));
  });
});

describe('the fields of a sample', () => {
  it('that are ids of people cannot be carried', () => {
    for (const path of ['sessionId', 'userId', 'requestId'])
      expect(() => configSchema.parse({ output: { carry: [path] } })).toThrow(/id of a person/);
  });
});

function eventFile(folder: string, list: object): string {
  const path = join(folder, 'impressions-wrong.ndjson');
  writeFileSync(path, `${JSON.stringify(list)}\n`);
  return path;
}
