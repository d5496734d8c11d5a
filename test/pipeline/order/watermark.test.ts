import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Watermark } from '../../../src/pipeline/order/watermark.js';
import { INPUTS } from '../../../src/ports/transport.js';

const LATENESS_MS = 20;
const begun = (): Watermark =>
  new Watermark(LATENESS_MS, {
    newestMs: { impressions: -Infinity, interactions: -Infinity },
    floorMs: -Infinity,
    watermarkMs: -Infinity,
  });

const admit = fc.record({ input: fc.constantFrom(...INPUTS), timeMs: fc.integer({ min: 0, max: 500 }) });
const raise = fc.record({ floorMs: fc.integer({ min: 0, max: 500 }) });
const allow = fc.record({ latenessMs: fc.integer({ min: 0, max: 100 }) });

describe('the watermark', () => {
  it('never goes back, whatever happens to it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(admit, raise, allow), { maxLength: 60 }), (steps) => {
        const watermark = begun();
        return steps.every((one) => {
          const before = watermark.ms;
          if ('floorMs' in one) watermark.raiseFloor(one.floorMs);
          else if ('latenessMs' in one) watermark.allow(one.latenessMs);
          else watermark.turnOf(one.input, one.timeMs);
          return watermark.ms >= before;
        });
      }),
    );
  });

  it('is never past the turn of an event that is still to come, under one lateness', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(admit, raise), { maxLength: 60 }), (steps) => {
        const watermark = begun();
        return steps.every((one) => {
          const before = watermark.ms;
          if (!('floorMs' in one)) return watermark.turnOf(one.input, one.timeMs).turnMs >= before;
          watermark.raiseFloor(one.floorMs);
          return true;
        });
      }),
    );
  });

  it('is the newest time of the input that is behind, less the lateness', () => {
    const watermark = begun();
    watermark.turnOf('impressions', 300);
    expect(watermark.ms).toBe(-Infinity);
    watermark.turnOf('interactions', 100);
    expect([watermark.ms, watermark.furthestMs, watermark.ahead]).toEqual([80, 280, 'impressions']);
    watermark.turnOf('interactions', 60);
    expect(watermark.ms).toBe(80);
  });

  it('gives an event its turn at its own time, at the reach of its input when it is late, at the floor when that is later', () => {
    const watermark = begun();
    expect(watermark.turnOf('impressions', 300)).toEqual({ turnMs: 300, isByFloor: false });
    expect(watermark.turnOf('impressions', 100)).toEqual({ turnMs: 280, isByFloor: false });
    watermark.raiseFloor(400);
    expect(watermark.turnOf('impressions', 310)).toEqual({ turnMs: 400, isByFloor: true });
    expect([watermark.ms, watermark.isAtFloor]).toEqual([400, true]);
  });
});
