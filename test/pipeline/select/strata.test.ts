import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import type { Config } from '../../../src/config/schema.js';
import { decodeProgress, encodeProgress, NO_PROGRESS } from '../../../src/pipeline/progress/progress.js';
import type { SampleFacts } from '../../../src/pipeline/select/sample-facts.js';
import { AUDIT, KEPT, selectionColumns, Selector, type Importances } from '../../../src/pipeline/select/select.js';
import { mix } from '../../../src/pipeline/state/keys.js';
import { configOf, keyOf } from '../kit.js';
import { randomOf } from '../traffic.js';

const SEARCH = 0;
const AD = 1;
const CLICK = 2;
const PURCHASE = 4;

const settingsOf = (selection: ConfigInput['selection']): Config['selection'] => configOf({ selection }).selection;

interface Stream {
  readonly count: number;
  readonly samples: Float64Array;
  readonly labels: Uint8Array;
  readonly importances: Importances;
  readonly facts: SampleFacts & { readonly categories: (string | null)[] };
  /** True click probability of each sample. */
  readonly probabilities: Float64Array;
}

/** A calibrated champion on two surfaces and three categories; a tenth of the clicks become purchases. */
function streamOf(count: number, seed: number, lists = { perSecond: 2, items: 5 }): Stream {
  const random = randomOf(seed);
  const stream = {
    count,
    samples: Float64Array.from({ length: count }, (_, i) => mix(keyOf(`seed${seed}`), i + 1)),
    labels: new Uint8Array(count),
    importances: { ifNegative: new Float64Array(count), ifPositive: new Float64Array(count) },
    facts: {
      surfaces: new Uint8Array(count),
      categories: [] as (string | null)[],
      ranks: new Int8Array(count).fill(-1),
      timesMs: new Float64Array(count),
    },
    probabilities: new Float64Array(count),
  };
  let timeMs = 1_700_000_000_000;
  for (let i = 0; i < count; i++) {
    if (i % lists.items === 0) timeMs += (-Math.log(1 - random()) * 1000) / lists.perSecond;
    const p = 0.02 + 0.2 * random() ** 3;
    stream.probabilities[i] = p;
    stream.labels[i] = random() < p ? 1 : 0;
    stream.importances.ifNegative[i] = p;
    stream.importances.ifPositive[i] = 1 - p;
    stream.facts.surfaces[i] = random() < 0.3 ? AD : SEARCH;
    stream.facts.categories.push(['hotel', 'flat', null][Math.floor(random() * 3)]!);
    if (stream.labels[i] === 1) stream.facts.ranks[i] = random() < 0.1 ? PURCHASE : CLICK;
    stream.facts.timesMs[i] = timeMs;
  }
  return stream;
}

interface Columns {
  readonly kept: readonly boolean[];
  readonly audit: readonly boolean[];
  readonly pi: Float64Array;
  readonly offset: Float64Array;
}

function run(selector: Selector, stream: Stream, batchSize = 1_000, isScored = true): Columns {
  const { samples, labels, importances, facts, count } = stream;
  const columns = selectionColumns();
  const result = {
    kept: [] as boolean[],
    audit: [] as boolean[],
    pi: new Float64Array(count),
    offset: new Float64Array(count),
  };
  for (let from = 0; from < count; from += batchSize) {
    const to = Math.min(count, from + batchSize);
    const part = {
      ifNegative: importances.ifNegative.subarray(from, to),
      ifPositive: importances.ifPositive.subarray(from, to),
    };
    const partFacts = {
      surfaces: facts.surfaces.subarray(from, to),
      categories: facts.categories.slice(from, to),
      ranks: facts.ranks.subarray(from, to),
      timesMs: facts.timesMs.subarray(from, to),
    };
    selector.select(
      samples.subarray(from, to),
      labels.subarray(from, to),
      to - from,
      isScored ? part : undefined,
      columns,
      partFacts,
    );
    for (let i = from; i < to; i++) {
      result.kept.push(columns.fates[i - from] === KEPT);
      result.audit.push(columns.fates[i - from] === AUDIT);
      result.pi[i] = columns.inclusionProbabilities[i - from]!;
      result.offset[i] = columns.logOddsOffsets[i - from]!;
    }
  }
  return result;
}

/** Kept share of the samples that pass, the first `from` left out. */
function keptShare({ kept }: Columns, passes: (i: number) => boolean, from = 0): number {
  let seen = 0;
  let count = 0;
  kept.forEach((isKept, i) => {
    if (i < from || !passes(i)) return;
    seen++;
    if (isKept) count++;
  });
  return count / seen;
}

/** (Σ 1/π over the kept of a subgroup − its size) / standard error. */
function weightError({ kept, pi }: Columns, passes: (i: number) => boolean): number {
  let error = 0;
  let variance = 0;
  kept.forEach((isKept, i) => {
    if (!passes(i)) return;
    error += (isKept ? 1 / pi[i]! : 0) - 1;
    variance += 1 / pi[i]! - 1;
  });
  return error / Math.sqrt(variance);
}

/**
 * Whether the offset undoes the selection: of the kept samples, the click rate at logit(p) + offset, p the true
 * probability, must be what it says. Returns the difference in standard errors.
 */
function offsetError(
  { kept, offset }: Columns,
  { labels, probabilities }: Stream,
  passes: (i: number) => boolean,
): number {
  let error = 0;
  let variance = 0;
  kept.forEach((isKept, i) => {
    if (!isKept || !passes(i)) return;
    const p = probabilities[i]!;
    const q = 1 / (1 + Math.exp(-(Math.log(p / (1 - p)) + offset[i]!)));
    error += labels[i]! - q;
    variance += q * (1 - q);
  });
  return error / Math.sqrt(variance);
}

describe('floors and caps by label and stratum', () => {
  const keep: NonNullable<ConfigInput['selection']>['keep'] = [
    { label: 1, atMost: 0.3 },
    { surface: 'AD', atLeast: 0.15 },
    { category: 'flat', label: 0, atMost: 0.05 },
  ];
  const stream = streamOf(60_000, 11);
  const settings = settingsOf({ auditFraction: 0, keep });
  const columns = run(new Selector(settings, keyOf, null), stream);

  it('hold for every sample, in the order of the rules', () => {
    for (let i = 0; i < stream.count; i++) {
      const isFlatNegative = stream.facts.categories[i] === 'flat' && stream.labels[i] === 0;
      if (stream.labels[i] === 1) expect(columns.pi[i]).toBeLessThanOrEqual(0.3);
      if (isFlatNegative) expect(columns.pi[i]).toBeLessThanOrEqual(0.05);
      if (stream.facts.surfaces[i] === AD && !isFlatNegative) expect(columns.pi[i]).toBeGreaterThanOrEqual(0.15);
    }
  });

  it('leave the weights exact: Σ 1/π counts every stratum within 4 standard errors', () => {
    for (const label of [0, 1])
      for (const surface of [SEARCH, AD])
        for (const category of ['hotel', 'flat', null])
          expect(
            Math.abs(
              weightError(
                columns,
                (i) =>
                  stream.labels[i] === label &&
                  stream.facts.surfaces[i] === surface &&
                  stream.facts.categories[i] === category,
              ),
            ),
          ).toBeLessThan(4);
  });

  it('leave the offset exact: kept clicks are as frequent as it says in every stratum', () => {
    for (const surface of [SEARCH, AD])
      for (const category of ['hotel', 'flat', null])
        expect(
          Math.abs(
            offsetError(
              columns,
              stream,
              (i) => stream.facts.surfaces[i] === surface && stream.facts.categories[i] === category,
            ),
          ),
        ).toBeLessThan(4);
  });

  it('are paid from the budget', () => {
    expect(keptShare(columns, () => true, 20_000)).toBeCloseTo(0.1, 1.7);
  });

  it('hold before any champion too, and the budget with them', () => {
    const unscored = run(
      new Selector(settingsOf({ auditFraction: 0, budget: 0.2, keep: [{ label: 1, atLeast: 1 }] }), keyOf, null),
      stream,
      1_000,
      false,
    );
    expect(keptShare(unscored, (i) => stream.labels[i] === 1)).toBe(1);
    expect(keptShare(unscored, () => true, 20_000)).toBeCloseTo(0.2, 1.7);
    expect(Math.abs(offsetError(unscored, stream, () => true))).toBeLessThan(4);
  });
});

describe('budgets per surface', () => {
  it('are held each by its own controller, the others by the shared one', () => {
    const stream = streamOf(80_000, 12);
    const columns = run(
      new Selector(settingsOf({ auditFraction: 0, budget: 0.05, budgets: { AD: 0.3 } }), keyOf, null),
      stream,
    );
    expect(Math.abs(keptShare(columns, (i) => stream.facts.surfaces[i] === AD, 20_000) / 0.3 - 1)).toBeLessThan(0.06);
    expect(Math.abs(keptShare(columns, (i) => stream.facts.surfaces[i] === SEARCH, 20_000) / 0.05 - 1)).toBeLessThan(
      0.06,
    );
  });
});

describe('a budget per second', () => {
  it.each([1, 6])('keeps that many a second of event time at %i lists a second, however many come', (perSecond) => {
    const stream = streamOf(60_000, 13, { perSecond, items: 10 });
    const columns = run(new Selector(settingsOf({ auditFraction: 0, perSecond: 1.5 }), keyOf, null), stream);
    const from = 20_000;
    const seconds = (stream.facts.timesMs[stream.count - 1]! - stream.facts.timesMs[from]!) / 1000;
    const kept = columns.kept.slice(from).filter(Boolean).length;
    expect(Math.abs(kept / seconds / 1.5 - 1)).toBeLessThan(0.08);
    expect(Math.abs(weightError(columns, () => true))).toBeLessThan(4);
  });

  it('is shared by the partitions', () => {
    const stream = streamOf(40_000, 14, { perSecond: 4, items: 10 });
    const settings = settingsOf({ auditFraction: 0, perSecond: 2 });
    const alone = keptShare(run(new Selector(settings, keyOf, null), stream), () => true, 10_000);
    const shared = keptShare(
      run(new Selector(settings, keyOf, null, { partitionCount: 4 }), stream),
      () => true,
      10_000,
    );
    expect(Math.abs(alone / shared / 4 - 1)).toBeLessThan(0.15);
  });
});

describe('a throttle', () => {
  it('multiplies π and what is kept, and neither offset nor threshold notices', () => {
    const stream = streamOf(30_000, 15);
    const [whole, half] = [1, 0.5].map((throttle) =>
      run(new Selector(settingsOf({ auditFraction: 0, throttle }), keyOf, null), stream),
    );
    whole!.pi.forEach((pi, i) => expect(half!.pi[i]).toBeCloseTo(pi / 2, 12));
    expect(half!.offset).toEqual(whole!.offset);
    half!.kept.forEach((isKept, i) => isKept && expect(whole!.kept[i]).toBe(true));
    expect(Math.abs(weightError(half!, () => true))).toBeLessThan(4);
  });
});

describe('business value', () => {
  const stream = streamOf(120_000, 16);

  it('by surface and category leaves weights and offset exact', () => {
    const columns = run(
      new Selector(
        settingsOf({ auditFraction: 0, value: { surfaces: { AD: 4 }, categories: { flat: 0.25 } } }),
        keyOf,
        null,
      ),
      stream,
    );
    expect(keptShare(columns, (i) => stream.facts.surfaces[i] === AD)).toBeGreaterThan(
      2 * keptShare(columns, (i) => stream.facts.surfaces[i] === SEARCH),
    );
    for (const surface of [SEARCH, AD]) {
      expect(Math.abs(weightError(columns, (i) => stream.facts.surfaces[i] === surface))).toBeLessThan(4);
      expect(Math.abs(offsetError(columns, stream, (i) => stream.facts.surfaces[i] === surface))).toBeLessThan(4);
    }
  });

  it('by outcome within a label keeps more of the dear ones, weights exact, and the offset right over all', () => {
    const settings = settingsOf({ auditFraction: 0, budget: 0.05, value: { outcomes: { PURCHASE: 5, CLICK: 0.2 } } });
    const columns = run(new Selector(settings, keyOf, null), stream);
    const isPurchase = (i: number): boolean => stream.facts.ranks[i] === PURCHASE;
    expect(keptShare(columns, isPurchase)).toBeGreaterThan(
      2 * keptShare(columns, (i) => stream.facts.ranks[i] === CLICK),
    );
    expect(Math.abs(weightError(columns, isPurchase))).toBeLessThan(4);
    expect(Math.abs(offsetError(columns, stream, (i) => i > 5_000))).toBeLessThan(4);
  });

  it('by outcome splits no label where each surface’s goal parts the dear ones from the others', () => {
    const settings = settingsOf({ auditFraction: 0, budget: 0.05, value: { outcomes: { PURCHASE: 5 } } });
    const bought = (i: number): number => (stream.facts.ranks[i] === PURCHASE ? 1 : 0);
    const surfaces = new Uint8Array(stream.count).fill(AD);
    const facts = { ...stream.facts, surfaces };
    const labels = Uint8Array.from({ length: stream.count }, (_, i) => bought(i));
    const onlyAds = { ...stream, facts, labels };
    const everywhere = { goal: 'PURCHASE' } as const;
    const onAds = { goal: 'PURCHASE', surfaceGoals: { AD: 'PURCHASE' } } as const;
    const clicksElsewhere = { goal: 'CLICK', surfaceGoals: { AD: 'PURCHASE' } } as const;
    const exact = run(new Selector(settings, keyOf, null, { goals: everywhere }), onlyAds);
    expect(run(new Selector(settings, keyOf, null, { goals: onAds }), onlyAds)).toEqual(exact);
    const mixed = new Selector(settings, keyOf, null, { goals: clicksElsewhere });
    expect(mixed.memory.outcomes).toBeDefined();
    const columns = run(mixed, onlyAds);
    expect(columns.pi).toEqual(exact.pi);
    const off = Array.from(columns.offset, (offset, i) => Math.abs(offset - exact.offset[i]!));
    expect(Math.max(...off.slice(0, 10_000), ...off.slice(-10_000))).toBeLessThan(1e-12);
  });
});

describe('a hard cut', () => {
  it('holds the budget, says that everything it kept was certain, and so shows a weight sum of the budget instead of 1', () => {
    const stream = streamOf(100_000, 17);
    const columns = run(new Selector(settingsOf({ auditFraction: 0, scorer: 'top' }), keyOf, null), stream);
    expect(Math.abs(keptShare(columns, () => true, 20_000) / 0.1 - 1)).toBeLessThan(0.06);
    columns.kept.forEach((isKept, i) => expect(columns.pi[i]).toBe(isKept ? 1 : 0));
    expect(new Set(columns.offset)).toEqual(new Set([0]));
  });
});

describe('the memory of selection', () => {
  const configs: ConfigInput['selection'][] = [
    { budgets: { AD: 0.3 } },
    { perSecond: 2 },
    { keep: [{ label: 1, atLeast: 0.4 }] },
    { value: { outcomes: { PURCHASE: 3 } } },
    { scorer: 'top' },
  ];

  it.each(configs)(
    'goes through the progress record, and the stream goes on as if it had never stopped: %j',
    (selection) => {
      const settings = settingsOf(selection);
      const stream = streamOf(6_000, 18);
      const half = (from: number, to: number): Stream => ({
        count: to - from,
        samples: stream.samples.subarray(from, to),
        labels: stream.labels.subarray(from, to),
        importances: {
          ifNegative: stream.importances.ifNegative.subarray(from, to),
          ifPositive: stream.importances.ifPositive.subarray(from, to),
        },
        facts: {
          surfaces: stream.facts.surfaces.subarray(from, to),
          categories: stream.facts.categories.slice(from, to),
          ranks: stream.facts.ranks.subarray(from, to),
          timesMs: stream.facts.timesMs.subarray(from, to),
        },
        probabilities: stream.probabilities.subarray(from, to),
      });
      const straight = new Selector(settings, keyOf, null);
      run(straight, half(0, 3_000), 500);
      const expected = run(straight, half(3_000, 6_000), 500);

      const first = new Selector(settings, keyOf, null);
      run(first, half(0, 3_000), 500);
      const progress = decodeProgress(encodeProgress({ ...NO_PROGRESS, lnMu: first.lnMu, selection: first.memory }));
      const second = new Selector(settings, keyOf, progress.lnMu, { memory: progress.selection ?? {} });
      expect(run(second, half(3_000, 6_000), 500)).toEqual(expected);
    },
  );

  it('is empty where the config asks for nothing, and records written before it can be read', () => {
    const selector = new Selector(settingsOf({}), keyOf, null);
    run(selector, streamOf(2_000, 19));
    expect(selector.memory).toEqual({});
    const text = encodeProgress({ ...NO_PROGRESS, lnMu: -1.5, selection: selector.memory });
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['v', 'w', 'e', 'm', 'c', 'f', 'k']);
    expect(decodeProgress(text)).toEqual({ ...NO_PROGRESS, lnMu: -1.5 });
  });

  it('survives whatever is in it', () => {
    const lnMu = fc.option(fc.double({ min: -25, max: 25, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(lnMu, { minLength: 3, maxLength: 3 }),
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 64 }),
        (surfaces, losses) => {
          const progress = {
            ...NO_PROGRESS,
            selection: { surfaces },
            committee: { snapshotVersion: '000001-abcdef', sampleCount: 7, losses },
          };
          expect(decodeProgress(encodeProgress(progress))).toEqual({
            ...progress,
            selection: { surfaces: surfaces.map((one) => (one === 0 ? 0 : one)) },
          });
        },
      ),
    );
  });
});
