import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decided, SelectionTally } from '../../../src/app/console/selection-tally.js';
import { AUDIT, DROPPED, KEPT } from '../../../src/pipeline/select/select.js';

interface One {
  readonly label: number;
  readonly surface: number;
  readonly fate: number;
  readonly probability: number;
}

const one: fc.Arbitrary<One> = fc.record({
  label: fc.constantFrom(0, 1),
  surface: fc.constantFrom(0, 1, 2),
  fate: fc.constantFrom(DROPPED, KEPT, AUDIT),
  probability: fc.oneof(fc.constantFrom(1, 0.1, 0.01, 0.001, 1e-5), fc.double({ min: 1e-6, max: 1, noNaN: true })),
});

function decided(samples: readonly One[]): Decided {
  return {
    scored: {
      closed: {
        rowCount: samples.length,
        labels: Uint8Array.from(samples, ({ label }) => label),
        surfaces: Uint8Array.from(samples, ({ surface }) => surface),
      },
    },
    selected: {
      // Columns are reused, with room for more: what stands behind the samples is of another unit.
      fates: Uint8Array.from([...samples.map(({ fate }) => fate), KEPT]),
      inclusionProbabilities: Float64Array.from([...samples.map(({ probability }) => probability), 0.5]),
    },
  };
}

describe('the tally of the newest minute', () => {
  test('adds up every sample once, by surface and by bin', () => {
    fc.assert(
      fc.property(fc.array(fc.array(one), { maxLength: 6 }), (units) => {
        const tally = new SelectionTally();
        units.forEach((unit, at) => tally.observe(decided(unit), 1_000_000 + 7_000 * at));
        const { surfaces, seenByBin, keptByBin, edges } = tally.read(1_000_000 + 7_000 * units.length);
        const all = units.flat();
        for (const [at, surface] of (['SEARCH', 'AD', 'RECOMMENDATION'] as const).entries()) {
          const own = all.filter((sample) => sample.surface === at);
          const kept = own.filter(({ fate }) => fate === KEPT);
          const read = surfaces.find((row) => row.surface === surface);
          expect(read === undefined).toBe(own.length === 0);
          if (!read) continue;
          expect([read.seen, read.kept, read.audit, read.positive]).toEqual([
            own.length,
            kept.length,
            own.filter(({ fate }) => fate === AUDIT).length,
            own.filter(({ label }) => label === 1).length,
          ]);
          const weights = kept.reduce((sum, { probability }) => sum + 1 / probability, 0);
          expect(Math.abs(read.weightSum - weights)).toBeLessThanOrEqual(1e-9 * weights);
        }
        const coined = all.filter(({ fate }) => fate !== AUDIT);
        expect(seenByBin.reduce((sum, count) => sum + count, 0)).toBe(coined.length);
        expect(keptByBin.reduce((sum, count) => sum + count, 0)).toBe(
          coined.filter(({ fate }) => fate === KEPT).length,
        );
        edges.forEach((edge, bin) => {
          const next = edges[bin + 1] ?? Infinity;
          const inside = coined.filter(
            ({ probability }) =>
              (probability >= edge || bin === 0) && probability < (bin === edges.length - 1 ? 2 : next),
          );
          expect(Math.abs(seenByBin[bin]! - inside.length)).toBeLessThanOrEqual(
            coined.filter(
              ({ probability }) => Math.abs(probability / edge - 1) < 1e-4 || Math.abs(probability / next - 1) < 1e-4,
            ).length,
          );
        });
      }),
    );
  });

  test('a probability that is an edge lies in the bin that begins there', () => {
    const tally = new SelectionTally();
    tally.observe(decided([0.1, 0.01, 1].map((probability) => ({ label: 0, surface: 0, fate: KEPT, probability }))), 0);
    const { edges, seenByBin } = tally.read(0);
    for (const probability of [0.1, 0.01, 1]) expect(seenByBin[edges.indexOf(probability)]).toBe(1);
  });

  test('forgets what is older than a minute, and begins anew in the same slot', () => {
    const tally = new SelectionTally();
    const sample: One = { label: 1, surface: 0, fate: KEPT, probability: 0.5 };
    tally.observe(decided([sample, sample]), 0);
    expect(tally.read(59_999).surfaces[0]?.seen).toBe(2);
    expect(tally.read(60_000).surfaces).toEqual([]);
    tally.observe(decided([sample]), 60_000);
    expect(tally.read(60_000).surfaces[0]?.seen).toBe(1);
  });
});
