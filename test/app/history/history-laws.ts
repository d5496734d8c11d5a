import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Application, inputFactsOf, type Place, type Row, World } from '../fixture.js';
import { startSluice } from '../process-child.js';

const T0 = Date.UTC(2026, 0, 5);
const ROUNDS = 3;
/** On each of two partitions enough for its first event to be believed. */
const LISTS_A_ROUND = 120;
const STEP_MS = 10_000;
const WINDOW_MS = 60_000;
const LATENESS_MS = 5_000;
const HISTORY = { session: { acted: 4, shown: 5 }, user: { acted: 7, shown: 8 } };
const LISTS = Array.from({ length: ROUNDS * LISTS_A_ROUND }, (_, n) => n);

interface Event {
  readonly timeMs: number;
  readonly session: string;
  readonly user: string | null;
  readonly itemId: string;
  readonly type: string | null;
}

const sessionOf = (n: number): string => `s${n % 5}`;
/** Users go from session to session on one partition or another; some are unknown. */
const userOf = (n: number): string | null => (n % 5 === 4 ? null : `u${n % 5}`);
const timeOf = (n: number): number => T0 + n * STEP_MS;
const itemsOf = (n: number): readonly string[] => [0, 1, 2].map((place) => `i${(n + place) % 9}`);

/** An interaction a list, most of them on it, some on nothing that was shown and of a user that it names. */
const actOf = (n: number): Event => ({
  timeMs: timeOf(n) + 1_000,
  session: sessionOf(n),
  user: userOf(n),
  itemId: n % 10 === 3 ? 'never shown' : itemsOf(n)[n % 2]!,
  type: n % 7 === 0 ? 'PURCHASE' : n % 10 === 3 ? 'VIEW' : 'CLICK',
});

const listsOf = (numbers: readonly number[]): readonly object[] =>
  numbers.map((n) => ({
    requestId: `r${n}`,
    eventTimeMs: timeOf(n),
    surface: 'SEARCH',
    sessionId: sessionOf(n),
    userId: userOf(n),
    items: itemsOf(n).map((itemId, place) => ({ itemId, position: place + 1 })),
  }));

const actsOf = (numbers: readonly number[]): readonly object[] =>
  numbers.map((n) => {
    const { timeMs, session, user, itemId, type } = actOf(n);
    // Who acts on what was shown is known by the impression.
    const isUnknown = itemId === 'never shown';
    const about = isUnknown ? { userId: user } : { requestId: `r${n}` };
    return { interactionId: `c${n}`, eventTimeMs: timeMs, type, sessionId: session, itemId, ...about };
  });

const SHOWN = LISTS.flatMap((n) =>
  itemsOf(n).map((itemId): Event => ({
    timeMs: timeOf(n),
    session: sessionOf(n),
    user: userOf(n),
    itemId,
    type: null,
  })),
);
const ACTED = LISTS.map(actOf);

/** The histories of a list, found by looking at all that ever happened. */
function historyOf(n: number): object {
  const before = (events: readonly Event[], scope: 'session' | 'user', count: number) => {
    const who = scope === 'session' ? sessionOf(n) : userOf(n);
    if (who === null) return null;
    const last = events.filter((event) => event[scope] === who && event.timeMs < timeOf(n)).slice(-count);
    return {
      itemIds: last.map(({ itemId }) => itemId),
      ...(events === ACTED ? { types: last.map(({ type }) => type) } : {}),
      gapsMs: last.map(({ timeMs }) => timeOf(n) - timeMs),
    };
  };
  return {
    sessionActed: before(ACTED, 'session', HISTORY.session.acted),
    sessionShown: before(SHOWN, 'session', HISTORY.session.shown),
    userActed: before(ACTED, 'user', HISTORY.user.acted),
    userShown: before(SHOWN, 'user', HISTORY.user.shown),
  };
}

/** Histories on samples, on any transport. */
export function historyLaws(title: string, place: Place): void {
  describe(`histories on ${title}`, { timeout: 300_000 }, () => {
    const world = new World(place, {
      topics: { partitions: 2 },
      join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 3_600_000 },
      features: { history: HISTORY },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
      batch: { commitEveryMs: 0, lingerMs: 0 },
      state: { checkpointEveryMs: 300 },
    });
    let killed: Application;
    let unbroken: Application;
    afterAll(() => world.remove());

    /** A live run in a process of its own, killed once so many samples are out. */
    async function killedAfter(samples: number, threads: number): Promise<void> {
      const config = join(world.folder, `${killed.config.application}.yaml`);
      writeFileSync(config, JSON.stringify({ ...killed.config, run: { ...killed.config.run, threads } }));
      const child = startSluice(['run', '--config', config, '--log-level', 'warn']);
      try {
        while ((await killed.samples()).size < samples) await Promise.race([pause(), failed(child.ended)]);
      } finally {
        child.signal('SIGKILL');
        await child.ended;
      }
    }

    beforeAll(async () => {
      killed = world.application({ wire: { outputFormat: 'avro' } });
      for (let round = 0; round < ROUNDS; round++) {
        const numbers = LISTS.slice(round * LISTS_A_ROUND, (round + 1) * LISTS_A_ROUND);
        await killed.send(world.events(listsOf(numbers), actsOf(numbers)));
        // What is open at the end of the round, and what waits since the other partition has no newer event.
        const open = Math.ceil((WINDOW_MS + LATENESS_MS) / STEP_MS) + 10;
        if (round < ROUNDS - 1) await killedAfter(3 * ((round + 1) * LISTS_A_ROUND - open), 1 + (round % 2));
      }
      await killed.runToEnd();
      unbroken = world.application();
      await unbroken.runToEnd(world.events(listsOf(LISTS), actsOf(LISTS)));
    });

    it('are what the events before each list say, through kills, in threads and without', async () => {
      const samples = await killed.samples();
      expect(samples.size).toBe(3 * LISTS.length);
      for (const { sampleId, history } of samples.values())
        expect(history, sampleId).toEqual(historyOf(Number(/^r(\d+)#/.exec(sampleId)![1])));
    });

    it('are the same to the bit, whether it was killed or never stopped, as Avro and as JSON', async () => {
      const facts = async (application: Application) => {
        const samples = await application.samples();
        return [inputFactsOf(samples), new Map([...samples].sort(byId).map(([id, { history }]) => [id, history]))];
      };
      expect(await facts(killed)).toEqual(await facts(unbroken));
    });
  });
}

const byId = ([a]: [string, Row], [b]: [string, Row]): number => (a < b ? -1 : 1);

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function failed(ended: ReturnType<typeof startSluice>['ended']): Promise<void> {
  const { status, stderr } = await ended;
  throw new Error(`ended with ${status}: ${stderr}`);
}
