import { afterAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { describeUser } from '../../src/app/describe-user.js';
import { openPseudonymiser } from '../../src/app/wire.js';
import { type Application, type Changes, embedded, World } from './fixture.js';

const T0 = Date.UTC(2026, 0, 5);
const STEP_MS = 10_000;
const HALF_LIFE_MS = 200_000;
const VECTORS = [
  [3, 4],
  [1, 0],
  [0, -2],
] as const;

const world = new World(embedded, {
  // No event has the time of a watermark.
  join: { attributionWindowMs: 60_000, allowedLatenessMs: 5_500, idleTimeoutMs: 3_600_000 },
  selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
  batch: { commitEveryMs: 0, lingerMs: 0, maxBytes: 4_000 },
  state: { checkpointEveryMs: 1 },
});
afterAll(() => world.remove());

const OWN: NonNullable<Changes['features']> = {
  declared: [
    {
      name: 'image',
      from: 'items.vectors.image',
      kind: 'vector',
      dimension: 2,
      as: ['taste'],
      tasteHalfLifeMs: HALF_LIFE_MS,
    },
    { name: 'points', from: 'interactions.context.points', kind: 'number' },
  ],
  state: [
    { name: 'userActs', kind: 'count', by: ['user'], of: 'acted' },
    { name: 'userItemActs', kind: 'count', by: ['user', 'item'], of: 'acted' },
  ],
};

const userOf = (n: number): string => `u${n % 3}`;
const timeOf = (n: number): number => T0 + n * STEP_MS;
const numbers = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i);

function eventsOf(some: readonly number[]): string {
  const lists = some.map((n) => ({
    requestId: `r${n}`,
    eventTimeMs: timeOf(n),
    surface: 'SEARCH',
    sessionId: `s${n % 6}`,
    userId: userOf(n),
    items: VECTORS.map((values, i) => ({
      itemId: `i${i}`,
      position: i + 1,
      vectors: [{ name: 'image', values }],
    })),
  }));
  const acts = some.map((n) => ({
    interactionId: `c${n}`,
    eventTimeMs: timeOf(n) + 1_000,
    type: 'CLICK',
    sessionId: `s${n % 6}`,
    userId: userOf(n),
    itemId: `i${n % 4 === 0 ? 0 : n % 3}`,
    requestId: `r${n}`,
    context: { points: String(n) },
  }));
  return world.events(lists, acts);
}

/** What a user did until a time, found by looking at all that happened. */
function recount(user: string, asOfMs: number) {
  const acts = numbers(0, 10_000)
    .filter((n) => userOf(n) === user && timeOf(n) + 1_000 <= asOfMs)
    .map((n) => ({ n, item: n % 4 === 0 ? 0 : n % 3, timeMs: timeOf(n) + 1_000 }));
  const lastMs = acts.at(-1)!.timeMs;
  const taste = [0, 1].map((at) =>
    acts.reduce((sum, { item, timeMs }) => {
      const vector = VECTORS[item]!;
      return sum + (2 ** ((timeMs - lastMs) / HALF_LIFE_MS) * vector[at]!) / Math.hypot(...vector);
    }, 0),
  );
  return { acts, taste };
}

async function described(application: Application, user: string) {
  const keyed = await openPseudonymiser(application.config, { logger: silentLogger, mayMake: false });
  const pseudonym = keyed.pseudonym('user', user);
  return application.withTransport((transport) => describeUser(application.config, transport, pseudonym, silentLogger));
}

/** Runs on until a checkpoint that may be restored from knows a user. */
async function withCheckpoint(features: Changes['features'], more: Changes = {}): Promise<Application> {
  const application = world.application({ features, ...more });
  for (let round = 0; round < 20; round++) {
    await application.send(eventsOf(numbers(round * 400, 400)));
    await application.runUntilSeen((round + 1) * 1_100);
    if ((await described(application, 'u1')).profiles.length > 0) break;
  }
  return application;
}

describe('describe user', () => {
  it('says what the newest checkpoint remembers of a user, as an independent recount finds it', async () => {
    const application = await withCheckpoint({
      ...OWN,
      history: { user: { acted: 5, shown: 2 } },
    });
    const { checkpoints, profiles } = await described(application, 'u1');
    expect(checkpoints).toBe(1);
    const { asOfMs, columns, tastes, history, attributes } = profiles[0]!;
    const { acts, taste } = recount('u1', asOfMs);
    expect(columns['userActs']).toBe(acts.length);
    expect(columns).not.toHaveProperty('userItemActs');
    expect(attributes).toEqual({ points: acts.at(-1)!.n });
    expect(history.userActed).toEqual({
      itemIds: acts.slice(-5).map(({ item }) => `i${item}`),
      types: acts.slice(-5).map(() => 'CLICK'),
      gapsMs: acts.slice(-5).map(({ timeMs }) => asOfMs - timeMs),
    });
    expect(history.userShown?.itemIds).toEqual(['i1', 'i2']);
    tastes['image']!.forEach((value, at) => expect(value).toBeCloseTo(taste[at]!, 4));
  });

  it('knows nobody of whom nothing came, and says so where there is no checkpoint', async () => {
    const application = await withCheckpoint(OWN);
    expect(await described(application, 'nobody')).toMatchObject({ checkpoints: 1, profiles: [] });
    expect(await described(world.application(), 'u0')).toMatchObject({ checkpoints: 0, profiles: [] });
  });
});
