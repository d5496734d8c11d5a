import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createHash32 } from '../../../src/adapters/xxhash/index.js';
import { drawResamples, resample, weightedAuc } from '../../../src/lab/evaluate/bootstrap.js';
import { judgeConsumer } from '../../../src/lab/evaluate/consumer.js';
import { openCells } from '../../../src/lab/evaluate/cells.js';
import type { EvaluationReport } from '../../../src/lab/evaluate/evaluate.js';
import { keptRows } from '../../../src/lab/evaluate/kept-rows.js';
import { lineChart, ticks } from '../../../src/lab/evaluate/line-chart.js';
import { FULL, POLICIES, sensiblePolicies } from '../../../src/lab/evaluate/policies.js';
import { reportHtml } from '../../../src/lab/evaluate/report-html.js';
import { logTicks, reliabilityChart } from '../../../src/lab/evaluate/reliability-chart.js';
import { meanBins, mergedBins, wilsonInterval } from '../../../src/lab/evaluate/reliability-bins.js';
import { RELIABILITY_HEAD, reliabilityRows, shownBudget } from '../../../src/lab/evaluate/reliability.js';
import { RESULT_HEAD, resultRows } from '../../../src/lab/evaluate/result-rows.js';
import { SampleGatherer, type Samples } from '../../../src/lab/evaluate/samples.js';
import { allOf, simulatePolicy } from '../../../src/lab/evaluate/simulate-policy.js';
import { summarise } from '../../../src/lab/evaluate/summary.js';
import { configSchema } from '../../../src/config/schema.js';
import { seededRandom } from '../../../src/learn/learners/index.js';
import { auc } from '../../../src/learn/metrics/auc.js';
import { normalisedEntropy } from '../../../src/learn/metrics/log-loss.js';
import { ascendingOrder } from '../../../src/learn/metrics/sort.js';
import { impressionKeyOf } from '../../../src/pipeline/join/sample-key.js';
import { createKeyOf } from '../../../src/pipeline/state/keys.js';
import type { Model } from '../../../src/ports/model.js';
import type { FitRequest } from '../../../src/ports/trainer.js';

const keyOf = createKeyOf(await createHash32());
const folder = mkdtempSync(join(tmpdir(), 'sluice-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Samples with one column, the true click probability.
 * @param rate chance with which the log kept one without a click before it came here
 */
function samplesOf(count: number, seed = 1, rate = 1): Samples {
  const random = seededRandom(seed);
  const gatherer = new SampleGatherer(keyOf);
  for (let i = 0; i < count; i++) {
    const p = 0.01 + 0.3 * random() ** 4;
    const label = random() < p ? 1 : 0;
    if (rate < 1 && label === 0 && random() >= rate) continue;
    gatherer.add({
      sampleId: `r${i}#1`,
      requestId: `r${i}`,
      position: 1,
      surface: 'SEARCH',
      eventTimeMs: 1_700_000_000_000 + i,
      closeTimeMs: 0,
      sessionPseudonym: `s${i >> 2}`,
      userPseudonym: null,
      pseudonymKeyId: 'k',
      itemId: 'i',
      category: null,
      label,
      outcome: label === 1 ? 'CLICK' : 'NONE',
      value: 0,
      propensity: null,
      features: [p],
      featureSetId: 'f',
      embeddings: null,
      prediction: null,
      importance: 1,
      scorer: 'uniform',
      ...(rate < 1 && label === 0 ? { samplingRate: rate } : {}),
      inclusionProbability: 1,
      importanceWeight: 1,
      logOddsOffset: rate < 1 ? Math.log(1 / rate) : 0,
      snapshotVersion: 'none',
      flags: [],
      selectionId: null,
    });
  }
  return gatherer.finish();
}

describe('samples', () => {
  it('come out by event time, with the key of the live coin', () => {
    const { timesMs, sampleKeys, sessionCount, rowCount } = samplesOf(100);
    expect([...timesMs]).toEqual([...timesMs].sort((a, b) => a - b));
    expect(sampleKeys[7]).toBe(impressionKeyOf(keyOf('r7'), 1));
    expect([sessionCount, rowCount]).toEqual([25, 100]);
  });
});

describe('simulating a policy', () => {
  const samples = samplesOf(30_000);
  const requests: FitRequest[] = [];
  /** A pilot that reads the probability out of the row. */
  const pilot: Model = {
    snapshotVersion: 'p',
    featureSetId: '',
    memberCount: 1,
    predict: (rows) => Promise.resolve({ probability: rows, members: rows }),
    close: () => Promise.resolve(),
  };
  const config = configSchema.parse({ retrain: { everySamples: 8_000 } });
  const deps = {
    config,
    keyOf,
    signal: new AbortController().signal,
    trainer: {
      fit: (request: FitRequest) =>
        Promise.resolve(
          (requests.push(request), { onnx: new Uint8Array(), memberCount: 1, gain: new Float64Array(), fitMs: 0 }),
        ),
      close: () => Promise.resolve(),
    },
    loader: { load: () => Promise.resolve(pilot) },
    pooled: new Map<number, Promise<Model | undefined>>(),
  };
  const policy = (name: string) => POLICIES.find((one) => one.name === name)!;
  const end = 24_000;

  it('keeps the budget, repeats with the salt, and never looks past the end', async () => {
    for (const name of ['uniform', 'surprise', 'top', 'all-positives']) {
      const kept = await simulatePolicy(samples, end, { policy: policy(name), budget: 0.2, salt: 'a' }, deps);
      expect(
        Math.abs(kept.places.length / allOf(samples, end, config, keyOf).places.length / 0.2 - 1),
        name,
      ).toBeLessThan(0.08);
      expect(kept.places.every((place) => place < end)).toBe(true);
      expect(await simulatePolicy(samples, end, { policy: policy(name), budget: 0.2, salt: 'a' }, deps)).toEqual(kept);
      expect(
        (await simulatePolicy(samples, end, { policy: policy(name), budget: 0.2, salt: 'b' }, deps)).places,
      ).not.toEqual(kept.places);
    }
  });

  it('trains on no audit sample, and all positives are all of the others', async () => {
    const all = new Set(allOf(samples, end, config, keyOf).places);
    expect(all.size / end).toBeCloseTo(1 - config.selection.auditFraction, 1.5);
    const { places } = await simulatePolicy(
      samples,
      end,
      { policy: policy('all-positives'), budget: 0.2, salt: 'a' },
      deps,
    );
    expect(places.every((place) => all.has(place))).toBe(true);
    const kept = new Set(places);
    expect([...all].filter((place) => samples.labels[place] === 1 && !kept.has(place))).toEqual([]);
  });

  it('the pilot learns from every sample so far, in two halves of the sessions, once for all policies and budgets', async () => {
    requests.length = 0;
    const pooled = new Map<number, Promise<Model | undefined>>();
    for (const [name, budget] of [
      ['surprise', 0.2],
      ['gradient-norm', 0.05],
    ] as const)
      await simulatePolicy(samples, end, { policy: policy(name), budget, salt: 'a' }, { ...deps, pooled });
    const fitAt = [1_000, 2_000, 4_000, 8_000, 16_000];
    expect(requests.map(({ training }) => training.rowCount)).toEqual(
      fitAt.map((seen) => allOf(samples, seen, config, keyOf).places.length).slice(-requests.length),
    );
    const { training, folds } = requests.at(-1)!;
    expect(new Set(training.offsets)).toEqual(new Set([0]));
    const { places } = allOf(samples, fitAt.at(-1)!, config, keyOf);
    expect([...folds!]).toEqual(places.map((place) => samples.sessions[place]! & 1));
  });

  it('below retrain.budget 1 refits the pilot on what was kept so far, at the triggers of a replay, corrected by offset', async () => {
    requests.length = 0;
    const { places, offsets } = await simulatePolicy(
      samples,
      end,
      { policy: policy('surprise'), budget: 0.2, salt: 'a' },
      { ...deps, config: configSchema.parse({ retrain: { everySamples: 8_000, budget: 0.1 } }) },
    );
    const rowsAt = [1_000, 2_000, 4_000, 8_000, 16_000].map((seen) => places.filter((place) => place < seen).length);
    expect(requests.map(({ training }) => training.rowCount).slice(-2)).toEqual(rowsAt.slice(-2));
    expect([...requests.at(-1)!.training.offsets]).toEqual(offsets.slice(0, rowsAt.at(-1)).map(Math.fround));
    expect(new Set(requests.at(-1)!.training.weights)).toEqual(new Set([1]));
  });

  it('rows are corrected once: by offset or by weight', () => {
    const kept = { places: [3, 5], probabilities: [0.5, 0.25], offsets: [1, -1] };
    expect([...keptRows(samples, kept, 'weights').weights]).toEqual([2, 4]);
    expect([...keptRows(samples, kept, 'weights').offsets]).toEqual([0, 0]);
    expect([...keptRows(samples, kept, 'offset').offsets]).toEqual([1, -1]);
    expect([...keptRows(samples, kept, 'none').weights]).toEqual([1, 1]);
    expect(keptRows(samples, kept, 'none').rows).toEqual(Float32Array.of(samples.rows[3]!, samples.rows[5]!));
  });

  describe('of a log that was sampled by label before it came', () => {
    const RATE = 0.25;
    const thinned = samplesOf(60_000, 3, RATE);
    const through = { config, trainer: deps.trainer, loader: deps.loader, signal: deps.signal };
    const resamples = drawResamples(thinned.sessionCount, 3, 1);

    it('its rates are in offsets or weights whatever the policy, and weights add up to the whole log', () => {
      const kept = { places: [3, 5], probabilities: [0.5, 0.25], offsets: [1, -1] };
      const before = Math.log(1 / RATE);
      const rate = (place: number): number => (thinned.labels[place] === 1 ? 1 : RATE);
      expect([...keptRows(thinned, kept, 'none').offsets]).toEqual([Math.fround(before), Math.fround(before)]);
      expect([...keptRows(thinned, kept, 'offset').offsets]).toEqual([1 + before, before - 1].map(Math.fround));
      expect([...keptRows(thinned, kept, 'weights').offsets]).toEqual([0, 0]);
      expect([...keptRows(thinned, kept, 'weights').weights]).toEqual([2 / rate(3), 4 / rate(5)].map(Math.fround));
      const everything = allOf(thinned, thinned.rowCount, config, keyOf);
      const stoodFor = keptRows(thinned, everything, 'weights').weights.reduce((sum, weight) => sum + weight, 0);
      expect(Math.abs(stoodFor / (60_000 * (1 - config.selection.auditFraction)) - 1)).toBeLessThan(0.02);
    });

    it('a model of the whole log is calibrated on the stream as it came', async () => {
      const everything = allOf(thinned, 10_000, config, keyOf);
      const how = { consumer: 'boosting', correction: 'none', seed: 1 } as const;
      const judged = await judgeConsumer(thinned, 10_000, everything, how, { ...through, resamples });
      expect(Math.abs(judged!.evaluation.overall.calibration! - 1)).toBeLessThan(0.06);
      const mean = judged!.resampled.calibration.reduce((sum, one) => sum + one, 0) / 3;
      expect(Math.abs(mean - 1)).toBeLessThan(0.1);
    });

    it('the selector weighs a sample for those that it stands for', async () => {
      const draw = { policy: policy('surprise'), budget: 0.1, salt: 'a' };
      const kept = await simulatePolicy(thinned, 10_000, draw, { ...deps, pooled: new Map() });
      const blind = { ...thinned, ratesIfNegative: thinned.ratesIfNegative.map(() => 1) };
      const unaware = await simulatePolicy(blind, 10_000, draw, { ...deps, pooled: new Map() });
      const share = ({ places }: typeof kept): number =>
        places.filter((place) => thinned.labels[place] === 1).length / places.length;
      expect(share(kept)).toBeLessThan(share(unaware));
    });
  });

  it('committees are compared only where there is one', () => {
    expect(sensiblePolicies(config)).not.toContain('committee-loss');
    expect(sensiblePolicies(configSchema.parse({ retrain: { learner: 'forest' } }))).toEqual(
      POLICIES.map(({ name }) => name),
    );
  });
});

describe('resamples', () => {
  it('counting every row once give the plain metrics', () => {
    const row = fc.record({ p: fc.integer({ min: 1, max: 20 }), y: fc.constantFrom(0, 1) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 5, maxLength: 60 }), (rows) => {
        fc.pre(rows.some(({ y }) => y === 1) && rows.some(({ y }) => y === 0));
        const probabilities = Float32Array.from(rows, ({ p }) => p / 21);
        const labels = Uint8Array.from(rows, ({ y }) => y);
        const once = { count: 1, times: [new Uint8Array(rows.length).fill(1)] };
        const result = resample(probabilities, labels, Uint32Array.from(rows.keys()), once);
        expect(result.auc[0]).toBeCloseTo(auc(probabilities, labels), 12);
        expect(result.normalisedEntropy[0]).toBeCloseTo(normalisedEntropy(probabilities, labels), 9);
      }),
    );
  });

  it('counting a row n times is having it n times', () => {
    const scores = Float32Array.of(0.1, 0.4, 0.4, 0.8);
    const labels = Uint8Array.of(0, 1, 0, 1);
    const repeated = [0, 0, 1, 2, 2, 2, 3];
    const expected = auc(
      repeated.map((i) => scores[i]!),
      repeated.map((i) => labels[i]!),
    );
    expect(weightedAuc(scores, labels, Float64Array.of(2, 1, 3, 1), ascendingOrder(scores))).toBeCloseTo(expected, 12);
  });

  it('draw each session once on average, the same for the same seed', () => {
    const { times } = drawResamples(5_000, 3, 9);
    const mean = times[0]!.reduce((sum, one) => sum + one, 0) / 5_000;
    expect(Math.abs(mean - 1)).toBeLessThan(4 / Math.sqrt(5_000));
    expect(drawResamples(5_000, 3, 9).times).toEqual(times);
    expect(times[1]).not.toEqual(times[0]);
  });
});

describe('results', () => {
  const metrics = {
    sampleCount: 10,
    positiveCount: 2,
    logLoss: 0.1,
    normalisedEntropy: 0.6,
    auc: 0.8,
    calibration: 1,
    expectedCalibrationError: 0.01,
    threshold: 0.2,
    accuracy: 0.9,
    precision: 0.5,
    recall: 0.4,
    f1: 0.44,
  };
  const bins = (factor: number) =>
    [0.01, 0.05, 0.2].map((p) => ({ sampleCount: 1_000, meanPrediction: p, positiveShare: p * factor }));
  const judgement = (factor: number, correction: 'none' | 'offset') => ({
    consumer: 'boosting' as const,
    correction,
    rows: 100,
    positives: 10,
    evaluation: {
      overall: { ...metrics, auc: 0.8 * factor },
      surfaces: { SEARCH: metrics, AD: metrics },
      reliability: bins(factor),
    },
    ranking: { lists: 4, ndcgAt10: 0.5 * factor, mrr: 0.4 * factor },
    resampled: { auc: [0.79 * factor, 0.81 * factor], normalisedEntropy: [0.61, 0.59], calibration: [1.1, 0.9] },
  });
  const cells = [
    { policy: 'full', budget: 1, salt: 'a', keptFraction: 1, judgements: [judgement(1, 'none')] },
    { policy: 'surprise', budget: 0.1, salt: 'a', keptFraction: 0.1, judgements: [judgement(0.99, 'offset')] },
    { policy: 'surprise', budget: 0.1, salt: 'b', keptFraction: 0.1, judgements: [judgement(0.97, 'offset')] },
  ];
  const lines = summarise(cells);

  it('are means over salts beside everything, the interval of a share pair by pair', () => {
    expect(lines).toHaveLength(2);
    expect(lines[0]!.aucOfFull).toEqual({ mean: 1, half: 0 });
    expect(lines[1]).toMatchObject({ policy: 'surprise', salts: 2 });
    expect(lines[1]!.aucOfFull.mean).toBeCloseTo(0.98, 12);
    expect(lines[1]!.ranking.ndcgAt10).toBeCloseTo(0.49, 12);
    expect(lines[1]!.ranking.mrr).toBeCloseTo(0.392, 12);
    // Pairing leaves the spread of the salts alone: sd of .99 and .97 over the root of two, of which two salts know little.
    expect(lines[1]!.aucOfFull.half).toBeCloseTo(12.706 * Math.sqrt(0.0002 / 2), 9);
  });

  const report: EvaluationReport = {
    samples: { count: 100, positives: 10, train: 60, test: 40, testPositives: 4, columns: 1 },
    plan: {
      budgets: [0.1],
      policies: ['surprise'],
      salts: ['a', 'b'],
      consumers: ['boosting'],
      trainFraction: 0.6,
      threads: 1,
    },
    pilot: 'boosting',
    lines,
    left: [{ policy: 'all-positives', budget: 0.01, why: 'the click rate is < 0.1' }],
  };

  it('fit a terminal and one page that loads nothing', () => {
    for (const row of resultRows(report)) expect(row).toHaveLength(RESULT_HEAD.length);
    const html = reportHtml(report);
    expect(html).not.toMatch(/(?:src|href)=|@import|url\(/);
    expect(html).toContain('the click rate is &lt; 0.1');
    expect(html.match(/<svg /g)).toHaveLength(4);
    for (const row of reliabilityRows(report)) expect(row).toHaveLength(RELIABILITY_HEAD.length);
    expect(html).toContain('Reliability at 10 % kept');
    expect(html).not.toMatch(/NaN|undefined/);
  });

  it('are kept on disk by settings, so that a stopped evaluation goes on and another is not mixed in', async () => {
    const store = openCells(folder, ['one']);
    expect(await store.get('surprise', 0.1, 'a')).toBeUndefined();
    await store.put(cells[1]!);
    expect(await openCells(folder, ['one']).get('surprise', 0.1, 'a')).toEqual(cells[1]);
    expect(await openCells(folder, ['two']).get('surprise', 0.1, 'a')).toBeUndefined();
    expect(FULL.corrections).toEqual(['none']);
  });
});

describe('a chart', () => {
  it('has round ticks within its range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (low, size) => {
          const found = ticks(low, low + size);
          expect(found.length).toBeGreaterThanOrEqual(2);
          expect(found.length).toBeLessThanOrEqual(8);
          for (const tick of found) expect(tick >= low - 1e-6 && tick <= low + size + 1e-6).toBe(true);
        },
      ),
    );
  });

  it('shows what lies outside as a triangle at the border, and is empty without points', () => {
    const options = { title: 't', xLabel: 'x', yText: String, xText: String, reference: 0.5, range: [0, 1] as const };
    const points = [{ x: 0.1, y: 7, half: 0 }];
    expect(lineChart([{ name: 'a', colour: 1, isDashed: false, points }], options)).toContain('-5 -8z');
    expect(lineChart([], options)).toBe('');
  });
});

describe('reliability', () => {
  const bin = (sampleCount: number, meanPrediction: number, positiveShare: number) => ({
    sampleCount,
    meanPrediction,
    positiveShare,
  });
  const anyBins = fc.array(
    fc.record({
      sampleCount: fc.integer({ min: 1, max: 500 }),
      meanPrediction: fc.double({ min: 0, max: 1, noNaN: true }),
      positiveShare: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 15 },
  );

  it('of merged bins keeps samples, predictions and what happened', () => {
    fc.assert(
      fc.property(anyBins, fc.integer({ min: 1, max: 7 }), (bins, count) => {
        const merged = mergedBins(bins, count);
        expect(merged).toHaveLength(Math.min(count, bins.length));
        for (const of of [
          () => 1,
          (one: (typeof bins)[0]) => one.meanPrediction,
          (one: (typeof bins)[0]) => one.positiveShare,
        ]) {
          const total = (all: typeof bins) => all.reduce((sum, one) => sum + one.sampleCount * of(one), 0);
          expect(total([...merged])).toBeCloseTo(total(bins), 6);
        }
      }),
    );
  });

  it('over salts is the mean, bin by bin', () => {
    expect(
      meanBins([
        [bin(10, 0.1, 0.2), bin(10, 0.4, 0.5)],
        [bin(10, 0.3, 0.2), bin(10, 0.6, 0.7)],
      ]),
    ).toEqual([bin(10, 0.2, 0.2), bin(10, 0.5, 0.6)]);
  });

  it('has an interval around what happened, within [0, 1], wider for fewer samples', () => {
    fc.assert(
      fc.property(anyBins, ([one]) => {
        const [low, high] = wilsonInterval(one!);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low - 1e-9 <= one!.positiveShare && one!.positiveShare <= high + 1e-9).toBe(true);
        const [narrowLow, narrowHigh] = wilsonInterval({ ...one!, sampleCount: one!.sampleCount * 4 });
        expect(narrowHigh - narrowLow).toBeLessThan(high - low + 1e-12);
      }),
    );
  });

  it('is shown at the budget nearest to a tenth, on round ticks, empty bins as triangles', () => {
    const plan = (budgets: number[]) => ({ budgets }) as unknown as EvaluationReport['plan'];
    expect([shownBudget(plan([0.01, 0.05, 0.2])), shownBudget(plan([0.5])), shownBudget(plan([0.09, 0.1]))]).toEqual([
      0.05, 0.5, 0.1,
    ]);
    expect(logTicks(0.001, 0.3)).toEqual([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2]);
    expect(logTicks(0.0001, 1)).toEqual([0.0001, 0.001, 0.01, 0.1, 1]);
    const svg = reliabilityChart(
      [{ name: 'a', colour: 1, bins: [bin(100, 0.01, 0), bin(100, 0.1, 0.1)], hasIntervals: true }],
      't',
    );
    expect(svg).toContain('h10l-5 8z');
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(reliabilityChart([], 't')).toBe('');
  });
});
