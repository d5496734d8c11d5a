import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { loadKey, makeKey, systemClock } from '../../src/adapters/system/index.js';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { openPlan } from '../../src/app/open-plan.js';
import { KEY } from '../../src/pipeline/settings/admission.js';
import type { Pseudonymiser } from '../../src/ports/pseudonymiser.js';
import { Application, inputFactsOf, type Place, World } from './fixture.js';

const T0 = Date.UTC(2026, 0, 5);
const LISTS = 600;
const LATENESS_MS = 4_000;

/** Lists of few sessions that go on for long; clicks behind them, just before them by another clock, and by item alone. */
function traffic(): { readonly impressions: object[]; readonly interactions: object[] } {
  const impressions: object[] = [];
  const interactions: { readonly eventTimeMs: number }[] = [];
  for (let n = 0; n < LISTS; n++) {
    const sessionId = `session-${n % 7}`;
    const eventTimeMs = T0 + n * 1_000;
    const items = [1, 2].map((position) => ({ itemId: `item-${(n + position) % 11}`, position }));
    impressions.push({ requestId: `request-${n}`, eventTimeMs, surface: 'SEARCH', sessionId, items });
    if (n % 3 === 2) continue;
    const [aheadMs, named] = n % 2 === 0 ? [-3_000, true] : [6_000, n % 5 !== 0];
    interactions.push({
      interactionId: `click-${n}`,
      eventTimeMs: eventTimeMs + aheadMs,
      type: 'CLICK',
      sessionId,
      itemId: items[n % 2]!.itemId,
      ...(named ? { requestId: `request-${n}` } : {}),
    } as { readonly eventTimeMs: number });
  }
  return { impressions, interactions: interactions.sort((left, right) => left.eventTimeMs - right.eventTimeMs) };
}

/** What `sluice key rotate` promises, on any transport. */
export function keyRotationLaws(title: string, place: Place): void {
  describe(`another pseudonym key in the place of the one before, on ${title}`, () => {
    const world = new World(place, {
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
      join: { attributionWindowMs: 10_000, allowedLatenessMs: LATENESS_MS },
      state: { checkpointEveryMs: 1_000_000_000, checkpointEveryBytes: 3_000 },
      batch: { maxBytes: 3_000 },
    });
    afterAll(() => world.remove());
    const { impressions, interactions } = traffic();
    const keyedBy = async (keyFile: string): Promise<Pseudonymiser> =>
      createPseudonymiser(await loadKey({ keyEnv: 'NONE', keyFile, mayMake: true, env: {}, logger: silentLogger }));

    it('loses, doubles and changes no sample; those from then on have pseudonyms of the new key alone', async () => {
      const events = world.events(impressions, interactions);
      const right = world.application();
      const unbroken = await right.runToEnd(events);
      const expected = withoutFeatures(inputFactsOf(await right.samples()));

      let application = world.application();
      await application.send(events);
      let emitted = new Set<unknown>();
      for (let rotation = 1; rotation <= 4; rotation++) {
        await application.runUntilSeen(rotation * 240);
        const seen = await application.samples();
        const keyFile = join(world.folder, `${application.config.application}-${rotation}.key`);
        await makeKey(keyFile);
        const { keyId } = await keyedBy(application.config.privacy.keyFile);
        const privacy = { ...application.config.privacy, keyFile, replaces: keyId };
        emitted = new Set(seen.keys());
        application = new Application({ ...application.config, privacy });
        const plan = await openPlan(application.config, { logger: silentLogger, clock: systemClock });
        expect(plan).toMatchObject({ verdict: 'goes-on', refusals: [] });
        const change = plan.changes.find(({ path }) => path === KEY);
        expect(change).toMatchObject({ class: 'rebuilt', before: keyId });
      }
      const { samples, interactions: ends } = await application.runToEnd();
      const all = await application.samples();
      expect(withoutFeatures(inputFactsOf(all))).toEqual(expected);
      expect({ samples, ends }).toMatchObject({
        samples: { seen: unbroken.samples.seen, positive: unbroken.samples.positive },
        ends: { joined: unbroken.interactions.joined, unmatched: unbroken.interactions.unmatched },
      });

      const keyed = await keyedBy(application.config.privacy.keyFile);
      const ofLast = [...all.values()].filter(({ sampleId }) => !emitted.has(sampleId));
      expect(ofLast.length).toBeGreaterThan(20);
      const hidden = new Set(Array.from({ length: 7 }, (_, n) => keyed.pseudonym('session', `session-${n}`)));
      expect(new Set(ofLast.map(({ sessionPseudonym }) => sessionPseudonym))).toEqual(hidden);
      expect(new Set(ofLast.map(({ pseudonymKeyId }) => pseudonymKeyId))).toEqual(new Set([keyed.keyId]));
    });
  });
}

/** Features of sessions begin anew with the key. */
function withoutFeatures(facts: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map([...facts].map(([id, values]) => [id, (values as readonly unknown[]).filter((_, at) => at !== 9)]));
}
