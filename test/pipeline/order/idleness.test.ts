import { describe, expect, it } from 'vitest';
import { Idleness } from '../../../src/pipeline/order/idleness.js';
import { FROM_THE_BEGINNING, Reorder } from '../../../src/pipeline/order/reorder.js';
import type { InputName } from '../../../src/ports/transport.js';
import { cleanInteraction, NO_HOLD, T0 } from '../kit.js';

const SETTINGS = { idleTimeoutMs: 30_000, allowedLatenessMs: 1_000, attributionWindowMs: 32_000 };
/** Both inputs were seen to be read to their ends at that time. */
const both = (nowMs: number) => ({ impressions: nowMs, interactions: nowMs });
const never = { impressions: -Infinity, interactions: -Infinity };
const STEP_MS = 1_000;

/** An order that has seen one event of each named input at its time. */
function orderOf(newestMs: Partial<Record<InputName, number>>): Reorder {
  const reorder = new Reorder({ ...NO_HOLD, allowedLatenessMs: SETTINGS.allowedLatenessMs }, FROM_THE_BEGINNING);
  for (const [input, timeMs] of Object.entries(newestMs) as [InputName, number][]) admitted(reorder, input, timeMs);
  return reorder;
}

function admitted(reorder: Reorder, input: InputName, timeMs: number): void {
  const record = { offset: 0, key: null, value: null, timestampMs: 0, headers: {} };
  const interaction = cleanInteraction('CLICK', timeMs, 'a');
  reorder.admit({ kind: 'interaction', input, offset: 0, timeMs, bytes: 0, interaction }, record);
}

describe('the wall clock', () => {
  it('moves nothing while an input may still bring records, however long that takes', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0 + 60_000, interactions: T0 });
    expect(idleness.floorMs(order, never, 1e9, false)).toBeUndefined();
    expect(
      idleness.floorMs(order, both(SETTINGS.idleTimeoutMs - 1), SETTINGS.idleTimeoutMs - 1, false),
    ).toBeUndefined();
  });

  it('lets the input that is ahead go on without the one that is silent, up to its own lateness', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0 + 60_000, interactions: T0 });
    idleness.heard('impressions', 29_000);
    expect(idleness.floorMs(order, both(30_000), 30_000, false)).toBe(T0 + 59_000);
  });

  it('moves the watermark no further than the newest event before which the end of the silent input was seen', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0, interactions: T0 });
    const seen = (impressions: number, nowMs: number): number | undefined =>
      idleness.floorMs(order, { impressions, interactions: nowMs }, nowMs, false);
    expect(seen(29_000, 29_000)).toBeUndefined();
    // A list is shown and clicked after a silence, and the click is read first.
    admitted(order, 'interactions', T0 + 40_000);
    idleness.heard('interactions', 40_100);
    expect(seen(40_000, 40_100)).toBeUndefined();
    expect(seen(40_099, 60_000)).toBeUndefined();
    admitted(order, 'interactions', T0 + 80_000);
    idleness.heard('interactions', 60_000);
    expect(seen(40_100, 60_001)).toBe(T0 + 39_000);
    expect(seen(60_000, 60_002)).toBe(T0 + 39_000);
    expect(seen(60_001, 60_003)).toBe(T0 + 79_000);
  });

  it('counts a silence for as long as somebody looked', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0 + 60_000, interactions: T0 });
    idleness.heard('impressions', 29_000);
    expect(idleness.floorMs(order, both(29_999), 1e9, false)).toBeUndefined();
    expect(idleness.floorMs(order, both(1e9), 1e9, false)).toBeDefined();
  });

  it('moves the watermark when both are silent, by what has passed since the timeout, in steps', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0, interactions: T0 });
    expect(idleness.floorMs(order, both(30_000 + STEP_MS - 1), 30_000 + STEP_MS - 1, false)).toBeUndefined();
    expect(idleness.floorMs(order, both(30_000 + STEP_MS), 30_000 + STEP_MS, false)).toBe(T0 - 1_000 + STEP_MS);
    order.raiseFloor(T0 - 1_000 + STEP_MS);
    expect(idleness.floorMs(order, both(30_000 + STEP_MS + 500), 30_000 + STEP_MS + 500, false)).toBeUndefined();
    expect(idleness.floorMs(order, both(130_000), 130_000, false)).toBe(T0 - 1_000 + 100_000);
  });

  it('takes larger steps the more of them are recorded', () => {
    const floorOf = (recordedCount: number, silentMs: number): number | undefined =>
      new Idleness(SETTINGS, 0).floorMs(
        orderOf({ impressions: T0, interactions: T0 }),
        both(30_000 + silentMs),
        30_000 + silentMs,
        false,
        recordedCount,
      );
    for (const recordedCount of [0, 45, 50, 75, 100]) {
      const least = Array.from({ length: 4_000 }, (_, i) => i * 250).find(
        (silentMs) => floorOf(recordedCount, silentMs) !== undefined,
      );
      expect(least).toBe(STEP_MS * 2 ** Math.max(0, Math.floor((recordedCount - 40) / 10)));
    }
  });

  it('knows no time before the first event', () => {
    expect(new Idleness(SETTINGS, 0).floorMs(orderOf({}), both(1e9), 1e9, false)).toBeUndefined();
    expect(
      new Idleness(SETTINGS, 0).floorMs(orderOf({ impressions: T0 }), both(30_000 + STEP_MS), 30_000 + STEP_MS, false),
    ).toBe(T0 - 1_000 + STEP_MS);
  });

  it('is not asked at a declared end: an input read to its end holds nothing back, and no time passes', () => {
    const idleness = new Idleness(SETTINGS, 0);
    const order = orderOf({ impressions: T0 + 60_000, interactions: T0 });
    expect(idleness.floorMs(order, { ...never, interactions: 1 }, 1, true)).toBe(T0 + 59_000);
    expect(idleness.floorMs(order, { ...never, impressions: 1 }, 1, true)).toBeUndefined();
    expect(idleness.floorMs(order, both(1e9), 1e9, true)).toBe(T0 + 59_000);
  });
});

describe('late events after a silence', () => {
  const silent = (): { order: Reorder; idleness: Idleness } => {
    const order = orderOf({ impressions: T0, interactions: T0 });
    order.releaseAll();
    const idleness = new Idleness(SETTINGS, 0);
    // Five and a half minutes in which the wall clock moved the watermark on.
    const floorMs = idleness.floorMs(order, both(360_000), 360_000, false)!;
    expect(floorMs).toBeGreaterThan(T0 + 300_000);
    order.raiseFloor(floorMs);
    return { order, idleness };
  };
  const admit = (order: Reorder, offset: number, timeMs: number): void => {
    const record = { offset, key: null, value: null, timestampMs: 0, headers: {} };
    const interaction = cleanInteraction('CLICK', timeMs, 'b');
    order.admit({ kind: 'interaction', input: 'interactions', offset, timeMs, bytes: 0, interaction }, record);
  };

  it('are let go at once, although no newer event comes and the timeout began anew', () => {
    const { order, idleness } = silent();
    admit(order, 1, T0 - 5_000);
    idleness.heard('interactions', 360_500);
    expect(order.release()).toEqual([]);
    expect(idleness.floorMs(order, both(360_500), 360_500, false)).toBeUndefined();
    order.raiseFloor(idleness.lateFloorMs(order, both(360_500), 360_500)!);
    expect(order.release().map(({ event }) => event.offset)).toEqual([1]);
    expect(idleness.lateFloorMs(order, both(370_000), 370_000)).toBeUndefined();
  });

  it('wait while the inputs still bring records, and are let go a step at most every second', () => {
    const { order, idleness } = silent();
    admit(order, 1, T0);
    expect(idleness.lateFloorMs(order, { ...never, interactions: 360_500 }, 360_500)).toBeUndefined();
    order.raiseFloor(idleness.lateFloorMs(order, both(360_500), 360_500)!);
    order.release();
    admit(order, 2, T0);
    expect(idleness.lateFloorMs(order, both(361_499), 361_499)).toBeUndefined();
    expect(idleness.lateFloorMs(order, both(361_500), 361_500)).toBeDefined();
  });

  it('cost no step where the input itself moves the watermark', () => {
    const order = orderOf({ impressions: T0, interactions: T0 });
    admit(order, 1, T0 - 60_000);
    expect(new Idleness(SETTINGS, 0).lateFloorMs(order, both(1e9), 1e9)).toBeUndefined();
  });
});
