import { describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../../src/adapters/hmac/index.js';
import { ManualClock, MemoryLog } from '../../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { TrainingSample } from '../../../src/events/words.js';
import { decodeProgress } from '../../../src/pipeline/progress/progress.js';
import type { NewRecord } from '../../../src/ports/transport.js';
import { DEFAULT_START_MS, simulate } from '../../../src/lab/simulate/traffic.js';
import { feed, live, outputsOf, progressOf, type World } from '../instance.js';
import { configOf } from '../kit.js';

const keyed = createPseudonymiser(new Uint8Array(32).fill(7));
const utf8 = new TextEncoder();

function worldOf(quality: ConfigInput['quality'] = {}): World {
  const config = configOf({
    batch: { lingerMs: 0, commitEveryMs: 0 },
    quality,
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0 },
    encoder: { enabled: false },
  });
  return { log: new MemoryLog(), clock: new ManualClock({ nowMs: DEFAULT_START_MS + 86_400_000 }), config };
}

/** Simulated traffic in which some sessions are bots, and the pseudonyms of all bots. */
function traffic(
  impressionCount: number,
  botFraction: number,
): { records: NewRecord[]; bots: Set<string>; impressionsOf: Map<string, number> } {
  const records: NewRecord[] = [];
  const bots = new Set<string>();
  const impressionsOf = new Map<string, number>();
  for (const event of simulate({ seed: 4, impressionCount, botFraction })) {
    const { record } = event;
    records.push({
      topic: event.kind,
      key: utf8.encode(record.sessionId),
      value: utf8.encode(JSON.stringify(record)),
      partition: 0,
    });
    if (event.kind !== 'impressions') continue;
    const pseudonym = keyed.pseudonym('session', record.sessionId);
    if (event.isBot) bots.add(pseudonym);
    impressionsOf.set(pseudonym, (impressionsOf.get(pseudonym) ?? 0) + event.record.items.length);
  }
  return { records, bots, impressionsOf };
}

async function run(world: World, records: readonly NewRecord[]) {
  await feed(world, records);
  await live(world, { untilEnd: true });
  const { training, 'dead-letters': deadLetters } = await outputsOf(world);
  const samples = training!.map((line) => JSON.parse(/\{"sampleId.*\}$/.exec(line)![0]) as TrainingSample);
  return { samples, deadLetters: deadLetters!, counts: decodeProgress(await progressOf(world)).counts };
}

const IMPRESSIONS = 6_000;

describe('bots that click everything', () => {
  it('are flagged by the rules as they come, and nobody else is', async () => {
    const { records, bots, impressionsOf } = traffic(IMPRESSIONS, 0.1);
    const { samples } = await run(worldOf(), records);
    const flagged = new Set(
      samples
        .filter(({ flags }) => flags.includes('click-everything') || flags.includes('session-rate'))
        .map(({ sessionPseudonym }) => sessionPseudonym),
    );
    const caught = [...flagged].filter((session) => bots.has(session));
    // A bot that was shown less than clickEverything.minShown cannot be told from somebody eager.
    const visible = [...bots].filter((session) => impressionsOf.get(session)! >= 30);
    expect(bots.size).toBeGreaterThan(10);
    expect(caught.length / flagged.size).toBe(1);
    expect(visible.filter((session) => flagged.has(session)).length / visible.length).toBe(1);
    expect(caught.length / bots.size).toBeGreaterThan(0.55);
    const ofBots = samples.filter(({ sessionPseudonym }) => bots.has(sessionPseudonym));
    expect(ofBots.filter(({ flags }) => flags.length > 0).length / ofBots.length).toBeGreaterThan(0.9);
  });

  it('leave nothing flagged where there are none', async () => {
    const { records } = traffic(IMPRESSIONS, 0);
    const { samples, counts } = await run(worldOf(), records);
    expect(samples.length).toBe(IMPRESSIONS);
    expect(samples.filter(({ flags }) => flags.length > 0)).toEqual([]);
    expect(counts).toMatchObject({ caughtBySessionRate: 0, caughtByImpossibleDwell: 0, caughtByClickEverything: 0 });
  });

  it('lose most of their clicks under divert, each of them a dead letter', async () => {
    const { records, bots } = traffic(IMPRESSIONS, 0.1);
    const divert = { action: 'divert' } as const;
    const [open, guarded] = [
      await run(worldOf(), records),
      await run(worldOf({ rules: { sessionRate: divert, clickEverything: divert, impossibleDwell: divert } }), records),
    ];
    const clicksOf = (samples: readonly TrainingSample[], ofBots: boolean): number =>
      samples.filter(({ label, sessionPseudonym }) => label === 1 && bots.has(sessionPseudonym) === ofBots).length;
    expect(clicksOf(guarded.samples, false)).toBe(clicksOf(open.samples, false));
    expect(clicksOf(guarded.samples, true)).toBeLessThan(0.5 * clicksOf(open.samples, true));
    expect(guarded.deadLetters.length).toBe(guarded.counts.interactionsDiverted);
    expect(guarded.samples.length).toBe(open.samples.length);
  });
});
