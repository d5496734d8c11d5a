import { describe, expect, it } from 'vitest';
import { ManualClock, MemoryLog } from '../../src/adapters/memory/index.js';
import type { ConfigInput } from '../../src/config/schema.js';
import { decodeProgress, encodeProgress, NO_PROGRESS } from '../../src/pipeline/progress/progress.js';
import { MAX_PROGRESS_BYTES, type NewRecord } from '../../src/ports/transport.js';
import type { Partition } from '../../src/pipeline/partition.js';
import { feed, live, outputsOf, progressOf, type World } from './instance.js';
import { configOf, T0 } from './kit.js';

const MINUTE_MS = 60_000;
const WINDOW_MS = 30 * MINUTE_MS;
const LATENESS_MS = MINUTE_MS;
const utf8 = new TextEncoder();

/** A wall clock that somebody sets; the monotonic one goes on. */
class SetClock extends ManualClock {
  skewMs = 0;

  override nowMs(): number {
    return super.nowMs() + this.skewMs;
  }
}

interface TimedWorld extends World {
  readonly clock: SetClock;
}

function worldOf(input: ConfigInput = {}): TimedWorld {
  const config = configOf({
    batch: { lingerMs: 0, commitEveryMs: 0 },
    clean: { maxFutureMs: 1_000 * 24 * 60 * MINUTE_MS },
    selection: { scorer: 'uniform', budget: 1, auditFraction: 0.5 },
    ...input,
    join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 30_000, ...input.join },
  });
  return { log: new MemoryLog(), clock: new SetClock({ nowMs: T0 }), config };
}

const record = (topic: 'impressions' | 'interactions', event: object): NewRecord => ({
  topic,
  key: null,
  value: utf8.encode(JSON.stringify(event)),
  partition: 0,
});
const list = (n: number, eventTimeMs: number): NewRecord =>
  record('impressions', {
    requestId: `r${n}`,
    eventTimeMs,
    surface: 'AD',
    sessionId: 's',
    items: [
      { itemId: `a${n}`, position: 1 },
      { itemId: `b${n}`, position: 2 },
    ],
  });
const click = (n: number, eventTimeMs: number): NewRecord =>
  record('interactions', {
    interactionId: `c${n}`,
    eventTimeMs,
    type: 'CLICK',
    sessionId: 's',
    itemId: `a${n}`,
    requestId: `r${n}`,
  });

/** Looks at the clock a minute. */
const LOOKS = 6;

/** One life through some minutes, which bring it what `feedAt` says; gives the watermark at the end of each. */
async function minutes(
  world: TimedWorld,
  count: number,
  feedAt: (minute: number) => readonly NewRecord[],
): Promise<number[]> {
  const watermarks: number[] = [];
  let looks = 0;
  let partition: Partition | undefined;
  await live(world, {
    untilEnd: false,
    isOver: () => looks > count * LOOKS,
    onRestored: (restored) => (partition = restored),
    beforePoll: async () => {
      world.clock.jump(MINUTE_MS / LOOKS);
      const minute = looks++ / LOOKS;
      if (!Number.isInteger(minute) || minute >= count) return;
      watermarks.push(partition?.reorder.watermarkMs ?? -Infinity);
      const records = feedAt(minute);
      if (records.length > 0) await feed(world, records);
    },
  });
  return watermarks;
}

async function labelsOf(world: World): Promise<Map<string, number>> {
  const { training, audit } = await outputsOf(world);
  return new Map(
    [...training!, ...audit!].map((line) => [
      /"sampleId":"([^"]*)"/.exec(line)![1]!,
      Number(/"label":(\d)/.exec(line)![1]),
    ]),
  );
}

const neverBack = (watermarks: readonly number[]): void => {
  for (let i = 1; i < watermarks.length; i++) expect(watermarks[i]).toBeGreaterThanOrEqual(watermarks[i - 1]!);
};
const countsOf = async (world: World) => decodeProgress(await progressOf(world)).counts;

describe('the labels are right and the watermark never goes back', () => {
  it('with one topic an hour behind the other', async () => {
    // It must not look idle: its gaps are below the timeout.
    const world = worldOf({ join: { idleTimeoutMs: 90_000 } });
    const behind = 60;
    const watermarks = await minutes(world, 200, (minute) => [
      ...(minute < 120 ? [list(minute, T0 + minute * MINUTE_MS)] : []),
      // Someone else's interactions from before, then those of an hour ago: every third list was clicked.
      minute - behind >= 0 && (minute - behind) % 3 === 0
        ? click(minute - behind, T0 + (minute - behind) * MINUTE_MS + 30_000)
        : click(10_000 + minute, T0 + (minute - behind) * MINUTE_MS),
    ]);
    neverBack(watermarks);
    await live(world, { untilEnd: true });
    const labels = await labelsOf(world);
    expect(labels.size).toBe(240);
    for (let n = 0; n < 120; n++) {
      expect(labels.get(`r${n}#1`)).toBe(n % 3 === 0 ? 1 : 0);
      expect(labels.get(`r${n}#2`)).toBe(0);
    }
    expect(await countsOf(world)).toMatchObject({ interactionsLate: 0, impressionsDeadLettered: 0 });
  });

  it('with a partition gone silent: its windows close by the clock, and no earlier', async () => {
    const world = worldOf();
    await feed(world, [list(0, T0), click(0, T0 + 5_000)]);
    const seen: number[] = [];
    const watermarks = await minutes(world, 40, (minute) => {
      void countsOf(world).then(({ samplesSeen }) => (seen[minute] = samplesSeen));
      return [];
    });
    neverBack(watermarks);
    expect(seen[29]).toBe(0);
    expect(seen[39]).toBe(2);
    expect(await labelsOf(world)).toEqual(
      new Map([
        ['r0#1', 1],
        ['r0#2', 0],
      ]),
    );
  });

  it('with a burst after an idle hour', async () => {
    const world = worldOf();
    await feed(world, [list(0, T0), click(0, T0 + 5_000)]);
    const now = T0 + 60 * MINUTE_MS;
    const burst = Array.from({ length: 200 }, (_, n) => [list(n + 1, now + n), click(n + 1, now + n + 1)]).flat();
    neverBack(await minutes(world, 110, (minute) => (minute === 60 ? burst : [])));
    const counts = await countsOf(world);
    expect(counts).toMatchObject({
      samplesSeen: 402,
      samplesPositive: 201,
      interactionsLate: 0,
      impressionsDeadLettered: 0,
    });
  });

  it('with a list that was shown after a silence and is read after its click', async () => {
    const world = worldOf({ join: { allowedLatenessMs: 1_000 } });
    await feed(world, [list(0, T0), click(0, T0 + 5_000)]);
    let looks = 0;
    let sent = 0;
    await live(world, {
      untilEnd: false,
      isOver: () => looks > 80 * LOOKS,
      onPolled: (input, recordCount) => {
        if (input !== 'impressions' || recordCount > 0) return;
        world.clock.jump(MINUTE_MS / LOOKS);
        // Both are written when the lists were just looked for, and nobody looks again before the click is read.
        const minute = looks++ / LOOKS;
        if (!Number.isInteger(minute) || minute % 10 !== 9 || minute > 40) return;
        sent++;
        void feed(world, [list(minute, T0 + minute * MINUTE_MS), click(minute, T0 + minute * MINUTE_MS + 20_000)]);
      },
    });
    expect(sent).toBe(4);
    expect(await countsOf(world)).toMatchObject({
      samplesSeen: 10,
      samplesPositive: 5,
      interactionsLate: 0,
      impressionsDeadLettered: 0,
    });
  });

  it.each([
    ['a day forward', 24 * 60 * MINUTE_MS],
    ['a day back', -24 * 60 * MINUTE_MS],
  ])('with a wall clock set %s, as if it had not been', async (_name, skewMs) => {
    const outcomes = [];
    for (const skew of [0, skewMs]) {
      const world = worldOf();
      const watermarks = await minutes(world, 80, (minute) => {
        if (minute === 10) world.clock.skewMs = skew;
        return minute < 30 && minute % 5 === 0
          ? [list(minute, T0 + minute * MINUTE_MS), click(minute, T0 + minute * MINUTE_MS + 9_000)]
          : [];
      });
      neverBack(watermarks);
      outcomes.push({ watermarks, labels: await labelsOf(world), counts: await countsOf(world) });
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[0]!.counts).toMatchObject({ samplesSeen: 12, samplesPositive: 6 });
  });
});

describe('a producer whose clock is far ahead, and whose messages are stamped by it', () => {
  const DAY_MS = 24 * 60 * MINUTE_MS;
  /** A list a second for some minutes, every third clicked; the wild producer sends what `wildAt` says. */
  async function outcomeOf(aheadMs: number, wildAt: (second: number) => boolean) {
    const world = worldOf({ clean: { maxFutureMs: LATENESS_MS } });
    for (let second = 0; second < 400; second++) {
      const at = T0 + second * 1_000;
      await feed(world, [list(second, at), ...(second % 3 === 0 ? [click(second, at + 500)] : [])]);
      world.clock.jump(1_000);
      if (!wildAt(second)) continue;
      world.clock.skewMs = aheadMs;
      await feed(world, [list(10_000 + second, at + aheadMs), click(10_000 + second, at + aheadMs + 500)]);
      world.clock.skewMs = 0;
    }
    await live(world, { untilEnd: true });
    const labels = await labelsOf(world);
    for (const id of labels.keys()) if (/^r\d{5}/.test(id)) labels.delete(id);
    const { 'dead-letters': deadLetters } = await outputsOf(world);
    return {
      labels,
      counts: await countsOf(world),
      codes: deadLetters!.map((line) => /"sluice.code":"([^"]*)"/.exec(line)![1]),
    };
  }

  it.each([
    ['two minutes', 2 * MINUTE_MS, 9],
    ['a day', DAY_MS, 40],
    ['ten years', 3_650 * DAY_MS, 40],
  ])(
    'by %s makes nobody late and changes no other label; what nobody catches up with is refused by name',
    async (_name, aheadMs, refused) => {
      const without = await outcomeOf(aheadMs, () => false);
      const beside = await outcomeOf(aheadMs, (second) => second % 10 === 0);
      expect(without.labels.size).toBe(800);
      expect(beside.labels).toEqual(without.labels);
      expect(beside.counts).toMatchObject({ interactionsLate: 0, interactionsDeadLettered: refused });
      expect(beside.codes).toEqual(beside.codes.map(() => 'time-in-future'));
      expect(beside.counts.impressionsDeadLettered).toBe(2 * beside.codes.length - 2 * refused);
    },
  );

  it('is not what a topic is taken for that was silent: in life its few events go on by the clock', async () => {
    const world = worldOf({ clean: { maxFutureMs: LATENESS_MS } });
    await minutes(world, 200, (minute) =>
      minute % 20 === 0 && minute < 100
        ? [list(minute, T0 + minute * MINUTE_MS), click(minute, T0 + minute * MINUTE_MS + 9_000)]
        : [],
    );
    expect(await countsOf(world)).toMatchObject({
      samplesSeen: 10,
      samplesPositive: 5,
      interactionsLate: 0,
      impressionsDeadLettered: 0,
    });
  });
});

describe('the progress record', () => {
  it('stays small through days of impressions beside an exhausted topic of interactions', async () => {
    const world = worldOf();
    await feed(world, [click(0, T0)]);
    let largest = 0;
    await minutes(world, 1_500, (minute) => {
      void progressOf(world).then((text) => (largest = Math.max(largest, text?.length ?? 0)));
      return minute % 3 === 0 ? [list(minute, T0 + minute * MINUTE_MS)] : [];
    });
    expect((await countsOf(world)).samplesSeen).toBeGreaterThan(960);
    expect(largest).toBeLessThan(600);
  });

  it('stays below its limit beside a topic that brings one interaction now and then, in lives too short for a checkpoint', async () => {
    const world = worldOf({ state: { checkpointEveryMs: 1e9, checkpointEveryBytes: 1e12 } });
    let largest = 0;
    let most = 0;
    for (let lives = 0; lives < 150; lives++) {
      // Each interaction comes after the idle timeout and is older than the floor, so that every advance must be kept.
      const from = lives * 3;
      await minutes(world, 3, (minute) => [
        list(from + minute, T0 + (from + minute) * MINUTE_MS),
        ...(minute === 0 ? [click(10_000 + from, T0 + (from - 20) * MINUTE_MS)] : []),
      ]);
      const progress = (await progressOf(world))!;
      largest = Math.max(largest, progress.length);
      most = Math.max(most, decodeProgress(progress).forced.length);
    }
    expect(most).toBeGreaterThan(40);
    expect(most).toBeLessThan(100);
    expect(largest).toBeLessThan(MAX_PROGRESS_BYTES / 2);
  });

  it('has room for more advances than a week without a checkpoint can bring, with everything else at its largest', () => {
    const leastStepMs = WINDOW_MS / 32;
    const forced = [];
    let floorMs = 1_999_999_999_999;
    let offset = 999_999_999_999;
    for (let n = 0; floorMs < 1_999_999_999_999 + 7 * 24 * 60 * MINUTE_MS; n++) {
      forced.push({ impressions: offset, interactions: offset, floorMs });
      floorMs += leastStepMs * 2 ** Math.max(0, Math.floor((n - 40) / 10)) + 1;
      offset += 999_999;
    }
    const counts = Object.fromEntries(
      Object.keys(NO_PROGRESS.counts).map((name) => [
        name,
        /Sum|Variance|Loss/.test(name) ? 123_456_789.12345678 : 999_999_999_999,
      ]),
    ) as unknown as typeof NO_PROGRESS.counts;
    const lnMu = -12.345678901234567;
    const text = encodeProgress({
      watermarkMs: floorMs,
      emittedBefore: [999_999_999_999],
      lnMu,
      counts,
      forced,
      checkpointId: 999_999,
      settings: 'abcdef012345',
      begins: { impressions: 999_999_999_999, interactions: 999_999_999_999 },
      written: {
        checkpointId: 1_000_000,
        ends: [999_999_999_999],
        offsets: { impressions: offset, interactions: offset },
        shape: 'abcdef',
      },
      selection: {
        surfaces: [lnMu, lnMu, lnMu],
        unscored: [lnMu, lnMu, lnMu, lnMu],
        arrivals: [123456.78901234567, 12345.678901234567, floorMs],
        outcomes: Array.from({ length: 6 }, () => 999_999_999),
      },
      committee: {
        snapshotVersion: 'v20260101-000000-abcdef',
        sampleCount: 999_999_999,
        losses: Array.from({ length: 8 }, () => 12345678.123456789),
      },
    });
    expect(forced.length).toBeGreaterThan(100);
    expect(text.length).toBeLessThanOrEqual(MAX_PROGRESS_BYTES);
  });
});
