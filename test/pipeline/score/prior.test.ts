import { describe, expect, it } from 'vitest';
import { PRIOR, priorColumn, priorImportances } from '../../../src/pipeline/score/prior.js';
import { NO_SNAPSHOT, scoreBatch } from '../../../src/pipeline/score/score.js';
import { scorerNamed as declared, scorerOf, type ScorerName } from '../../../src/pipeline/score/scorers.js';
import { selectionColumns, Selector, KEPT } from '../../../src/pipeline/select/select.js';
import { configOf, keyOf } from '../kit.js';

const rows = Float32Array.of(0.25, 9, 0.5, 9);
const labels = Uint8Array.of(0, 1);
const batch = { rowCount: 2, columnCount: 2, labels, rows };
const scorerNamed = (scorer: ScorerName) => scorerOf(configOf({ selection: { scorer } }).selection);

describe('before the first snapshot', () => {
  it.each(['surprise', 'committee-loss'] as const)(
    '%s is that of the click-through in the row, under the name prior',
    async (scorer) => {
      const scored = await scoreBatch(batch, undefined, scorerNamed(scorer), 0);
      expect(scored).toMatchObject({ prediction: undefined, scorer: PRIOR, snapshotVersion: NO_SNAPSHOT });
      expect([...scored.importances!.ifNegative]).toEqual([0.25, 0.5]);
      expect([...scored.importances!.ifPositive]).toEqual([0.75, 0.5]);
    },
  );

  it.each(['uniform', 'disagreement', 'top'] as const)('%s waits for a champion', async (scorer) => {
    expect(await scoreBatch(batch, undefined, scorerNamed(scorer), 0)).toMatchObject({
      importances: undefined,
      scorer: 'uniform',
    });
  });

  it('the coin alone decides where the column is left out or holds no probability', () => {
    expect(priorColumn({ omit: ['neighbourRate'], declared: [] })).toBe(-1);
    expect(priorImportances(declared('surprise').early, -1, batch)).toBeUndefined();
    expect(priorImportances(declared('surprise').early, 1, batch)).toBeUndefined();
    expect(
      priorImportances(declared('surprise').early, 0, { ...batch, rows: Float32Array.of(NaN, 1, 0.1, 1) }),
    ).toBeUndefined();
  });

  it('of a log that was sampled by label before it came is that of the whole log', () => {
    const rates = { ratesIfNegative: Float64Array.of(0.1, 1), ratesIfPositive: Float64Array.of(1, 1) };
    const { ifNegative } = priorImportances(declared('surprise').early, 0, { ...batch, ...rates })!;
    // One click beside three rows that stood for thirty.
    expect(ifNegative[0]).toBeCloseTo(1 / 31, 6);
    expect(ifNegative[1]).toBe(0.5);
  });

  it('a small budget buys clicks from the start, and the weights still add up', () => {
    const COUNT = 60_000;
    const uniform = (i: number, salt: number): number =>
      ((Math.imul(i + 1, 2_654_435_761) ^ Math.imul(salt, 40_503)) >>> 0) / 2 ** 32;
    const priors = Float32Array.from({ length: COUNT }, (_, i) => (i % 10 === 0 ? 0.2 : 0.02));
    const drawn = Uint8Array.from(priors, (p, i) => (uniform(i, 7) < p ? 1 : 0));
    const selection = { ...configOf().selection, budget: 0.01, auditFraction: 0 };
    const selector = new Selector(selection, keyOf, null);
    const columns = selectionColumns();
    let clicks = 0;
    let kept = 0;
    let weights = 0;
    let variance = 0;
    for (let from = 0; from < COUNT; from += 5_000) {
      const labels = drawn.subarray(from, from + 5_000);
      const batch = { rows: priors.subarray(from, from + 5_000), rowCount: 5_000, columnCount: 1, labels };
      const samples = Float64Array.from(labels, (_, i) => keyOf(`s${from + i}`));
      selector.select(samples, labels, 5_000, priorImportances(declared('surprise').early, 0, batch), columns);
      for (let i = 0; i < 5_000; i++) {
        if (columns.fates[i] !== KEPT) continue;
        const weight = 1 / columns.inclusionProbabilities[i]!;
        kept++;
        clicks += labels[i]!;
        weights += weight;
        variance += (1 - columns.inclusionProbabilities[i]!) * weight * weight;
      }
    }
    expect(kept / COUNT / 0.01).toBeGreaterThan(0.9);
    expect(kept / COUNT / 0.01).toBeLessThan(1.1);
    expect(clicks / kept).toBeGreaterThan(0.3);
    expect(Math.abs(weights - COUNT)).toBeLessThan(4 * Math.sqrt(variance));
    // No champion gave these: the controller of scored samples begins afresh with the first snapshot.
    expect(selector.lnMu).toBeNull();
    expect(selector.memory.unscored).toBeDefined();
  });
});
