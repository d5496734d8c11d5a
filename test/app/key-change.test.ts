import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeKey } from '../../src/adapters/system/index.js';
import { resetApplication } from '../../src/app/reset.js';
import { Application, embedded, resetDeps, World } from './fixture.js';

const T0 = Date.UTC(2026, 0, 5);

describe('another pseudonym key', () => {
  const world = new World(embedded, {
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
    join: { attributionWindowMs: 1_000, allowedLatenessMs: 100 },
  });
  afterAll(() => world.remove());

  /** Lists of one session, later than those before them. */
  const eventsOf = (first: number): string =>
    world.events(
      Array.from({ length: 5 }, (_, n) => ({
        requestId: `request-${first + n}`,
        eventTimeMs: T0 + (first + n) * 1_000,
        surface: 'SEARCH',
        sessionId: 'a session',
        items: [{ itemId: 'a', position: 1 }],
      })),
      [],
    );

  it('is refused by name and emits nothing; after a reset to the end it goes on, and nobody is known again', async () => {
    const before = world.application();
    await before.runToEnd(eventsOf(0));
    const old = await before.samples();
    const keyFile = join(world.folder, 'new.key');
    await makeKey(keyFile);
    const after = new Application({ ...before.config, privacy: { ...before.config.privacy, keyFile } });
    await after.send(eventsOf(10));
    await expect(after.runToEnd()).rejects.toMatchObject({ code: 'key-changed', class: 'config' });
    expect(await before.samples()).toEqual(old);

    await after.withTransport((transport) => resetApplication(after.config, transport, 'end', resetDeps()));
    await after.runToEnd(eventsOf(20));
    const all = await after.samples();
    const fresh = [...all.values()].filter(({ sampleId }) => !old.has(sampleId));
    expect(fresh.map(({ requestId }) => requestId).sort()).toEqual([20, 21, 22, 23, 24].map((n) => `request-${n}`));
    const sessions = (rows: Iterable<Readonly<Record<string, unknown>>>): Set<unknown> =>
      new Set([...rows].map(({ sessionPseudonym }) => sessionPseudonym));
    expect(sessions(old.values()).size).toBe(1);
    expect(sessions(fresh)).not.toEqual(sessions(old.values()));
  });
});
