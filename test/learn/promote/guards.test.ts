import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/adapters/system/random.js';
import { judge } from '../../../src/learn/evaluate/judge.js';
import { guardOf } from '../../../src/learn/promote/guards.js';
import { decide } from '../../../src/learn/promote/decide.js';
import { configOf } from '../../pipeline/kit.js';

const { guards } = configOf().retrain;
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Clicks of known probability, and what two models predict for them. */
function audit(rowCount: number, candidate: (z: number, noise: number, i: number) => number, seed = 1) {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const logits = Float64Array.from({ length: rowCount }, () => -2.5 + 1.2 * normal());
  const labels = Uint8Array.from(logits, (z) => (random() < sigmoid(z) ? 1 : 0));
  const present = Float32Array.from(logits, sigmoid);
  const predicted = Float32Array.from(logits, (z, i) => sigmoid(candidate(z, normal(), i)));
  const surfaces = Uint8Array.from(labels, (_, i) => i % 2);
  return { guards, labels, surfaces, predicted, present };
}

describe('a candidate stays out', () => {
  test('when its AUC is significantly lower than the champion has, and the reason says both', () => {
    const given = audit(20_000, (z, noise) => z / 2 - 1.2 + 1.5 * noise);
    expect(guardOf(given)).toMatch(/its AUC is 0\.\d{4}, the champion's 0\.\d{4}/);
    expect(guardOf({ ...given, guards: { aucLoss: 1, calibration: 100 } })).toBeUndefined();
  });

  test('when it predicts far too many or too few clicks', () => {
    expect(guardOf(audit(20_000, (z) => z + 0.5))).toMatch(/it predicts 1\.\d\d times the positives that there were/);
    expect(guardOf(audit(20_000, (z) => z - 0.5))).toMatch(/it predicts 0\.\d\d times/);
  });

  test('as the first champion, too, when it predicts far too many or too few clicks', () => {
    for (const [shift, times] of [
      [
        0.9,
        /it predicts [12]\.\d\d times the positives that there were \(\d+\), and retrain.guards.calibration allows a factor of 1.25/,
      ],
      [-0.9, /it predicts 0\.\d\d times/],
    ] as const) {
      const given = audit(3_000, (z) => z + shift);
      expect(guardOf({ ...given, present: undefined })).toMatch(times);
    }
  });

  test('as the first champion on a dozen clicks, and on none at all', () => {
    const rows = (clicks: number, rowCount: number, each: number) => ({
      guards: { ...guards, calibration: 1.25 },
      labels: Uint8Array.from({ length: rowCount }, (_, i) => (i < clicks ? 1 : 0)),
      surfaces: new Uint8Array(rowCount),
      predicted: new Float32Array(rowCount).fill(each),
      present: undefined,
    });
    expect(guardOf(rows(15, 455, 0.0155))).toMatch(/^it predicts 0.47 times the positives that there were \(15\)/);
    expect(guardOf(rows(15, 455, 0.02))).toBeUndefined();
    expect(guardOf(rows(0, 455, 0.02))).toMatch(/^it predicts 9.1 positives where there were none, and/);
    expect(guardOf(rows(0, 100, 0.02))).toBeUndefined();
  });

  test('when one surface alone pays, and the reason names it', () => {
    const blind = audit(20_000, (z, noise, i) => (i % 2 === 1 ? -2.2 + 0.1 * noise : z));
    expect(guardOf({ ...blind, guards: { aucLoss: 0.25, calibration: 3 } })).toMatch(/^on AD its AUC is 0\.[45]/);
    const high = audit(20_000, (z, _, i) => (i % 2 === 1 ? z + 0.5 : z - 0.5));
    expect(guardOf({ ...high, guards: { ...guards, aucLoss: 1 } })).toMatch(/^on (SEARCH|AD) it predicts/);
  });

  test('whatever its log loss', () => {
    const bound = { sampleCount: 1_000, mean: 1, lower: 0.5, upper: 1.5 };
    const given = { policy: 'better', champion: 'a', bound, finite: true } as const;
    expect(decide(given).outcome).toBe('promoted');
    expect(decide({ ...given, guard: 'its AUC is lower' })).toMatchObject({
      outcome: 'kept',
      reason: 'its AUC is lower',
    });
  });
});

test('a judgement asks the guards: better log loss than a champion that is off does not buy a worse order', async () => {
  const { labels, present } = audit(20_000, (z) => z);
  const logits = Float32Array.from(present, (p) => Math.log(p / (1 - p)));
  const [rowCount, offsets] = [labels.length, new Float32Array(labels.length)];
  const rows = { rows: logits, rowCount, columnCount: 1, labels, weights: offsets.map(() => 1), offsets };
  const model = (snapshotVersion: string, answer: (z: number) => number) => ({
    ...{ snapshotVersion, featureSetId: 'fs', memberCount: 1, close: () => Promise.resolve() },
    predict: (of: Float32Array) => Promise.resolve({ probability: of.map(answer), members: of.map(answer) }),
  });
  const { decision, candidate, champion } = await judge({
    candidate: model('candidate', () => 0.12),
    champion: model('champion', (z) => sigmoid(z + 2)),
    audit: { ...rows, surfaces: new Uint8Array(rowCount) },
    fallback: () => expect.unreachable(),
    baseRate: 0.1,
    policy: 'not-worse',
    guards,
  });
  expect(candidate!.overall.logLoss).toBeLessThan(champion!.overall.logLoss!);
  expect(decision).toMatchObject({ outcome: 'kept', reason: expect.stringMatching(/its AUC is 0.5000/) as string });
});

describe('no guard speaks', () => {
  test('against the champion itself', () => {
    expect(guardOf(audit(20_000, (z) => z))).toBeUndefined();
  });

  test('against one that is a little off, or off by chance', () => {
    expect(guardOf(audit(20_000, (z) => z + 0.1))).toBeUndefined();
    expect(guardOf(audit(200, (z) => z + 0.3))).toBeUndefined();
  });

  test('against one that is off less than the champion: the way back must be open', () => {
    const given = audit(20_000, (z) => z + 0.5);
    expect(guardOf({ ...given, present: audit(20_000, (z) => z + 1).predicted })).toBeUndefined();
  });

  test('against a first champion that is a little off', () => {
    const given = audit(20_000, (z) => z + 0.1);
    expect(guardOf({ ...given, present: undefined })).toBeUndefined();
  });

  test('on fewer than 30 clicks, which know nothing of an AUC', () => {
    for (let seed = 1; seed <= 20; seed++)
      expect(guardOf(audit(150, (_, noise) => noise - 2.2, seed)) ?? '').not.toMatch(/AUC/);
  });

  test('on a calibration that so few clicks may well have by chance', () => {
    const first = (seed: number) => ({ ...audit(150, (z) => z, seed), present: undefined });
    const spokenAgainst = Array.from({ length: 40 }, (_, seed) => guardOf(first(seed + 1))).filter(Boolean);
    expect(spokenAgainst.length).toBeLessThanOrEqual(2);
  });
});
