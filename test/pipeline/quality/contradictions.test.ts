import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG_BITS } from '../../../src/events/flags.js';
import { takeClosed } from '../../../src/pipeline/close/close.js';
import { decodeProgress, encodeProgress, NO_PROGRESS } from '../../../src/pipeline/progress/progress.js';
import { ContradictionSketch, MOST_SOURCES } from '../../../src/pipeline/quality/contradiction-sketch.js';
import { Contradictions } from '../../../src/pipeline/quality/contradictions.js';
import type { ScoredBatch } from '../../../src/pipeline/score/score.js';
import { KEPT, selectionColumns, Selector } from '../../../src/pipeline/select/select.js';
import { mix } from '../../../src/pipeline/state/keys.js';
import { cleanItem, cleanList, configOf, keyOf, T0 } from '../kit.js';
import { Story } from '../story.js';
import { randomOf } from '../traffic.js';

const CONTRADICTED = FLAG_BITS.contradicted;
const SETTINGS = configOf().quality.contradicted;
const HOUR_MS = 3_600_000;

/** One sample: whose, what each member said, and what happened. */
interface Seen {
  readonly user: string;
  readonly members: readonly number[];
  readonly label: 0 | 1;
  readonly gapMs?: number;
}

/** Judges samples one after the other, in batches of a size, and gives their flags. */
class Court {
  private readonly story = new Story({ encoder: { enabled: false } });
  contradictionCount = 0;
  private nowMs = T0;

  constructor(
    private contradictions: Contradictions,
    private readonly settings = SETTINGS,
  ) {}

  /** A restart: what was learned goes through the progress record. */
  restart(): void {
    const { contradictions } = decodeProgress(
      encodeProgress({
        ...NO_PROGRESS,
        ...(this.contradictions.memory ? { contradictions: this.contradictions.memory } : {}),
      }),
    );
    this.contradictions = new Contradictions(this.settings, keyOf, contradictions);
  }

  judge(batch: readonly Seen[]): number[] {
    const { story } = this;
    for (const { user, gapMs = 1 } of batch)
      story.show(
        cleanList(`r${(this.nowMs += gapMs)}`, this.nowMs, [cleanItem('a', 1)], {
          user: user.startsWith('session') ? null : user,
          session: user,
        }),
      );
    story.finish();
    const closed = takeClosed(story.state.join, { goal: 'CLICK' }, 1e6);
    batch.forEach(({ label }, i) => (closed.labels[i] = label));
    const members = Float32Array.from(batch.flatMap((seen) => seen.members));
    const probability = Float32Array.from(
      batch,
      (seen) => seen.members.reduce((sum, p) => sum + p, 0) / seen.members.length,
    );
    const scored: ScoredBatch = {
      closed,
      prediction: { probability, members },
      snapshotVersion: 'v',
      scorer: 'surprise',
      importances: undefined,
    };
    this.contradictionCount += this.contradictions.judge(scored);
    return Array.from(closed.flags, (bits) => (bits & CONTRADICTED ? 1 : 0));
  }
}

const court = (given: Partial<typeof SETTINGS> = {}): Court => {
  const settings = { ...SETTINGS, ...given };
  return new Court(new Contradictions(settings, keyOf), settings);
};
const click = (user: string, ...members: number[]): Seen => ({ user, members, label: 1 });

describe('a source whose labels contradict the committee', () => {
  it('is flagged from the sample after its fifth contradiction on, whatever that sample is', () => {
    const flags = court().judge([
      ...Array.from({ length: 6 }, () => click('bot', 0.001)),
      { user: 'bot', members: [0.5], label: 0 },
      click('other', 0.001),
    ]);
    // 5·(1 + 5·0.001) is a little more than five.
    expect(flags).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it('is the user, and the session of those who have none', () => {
    expect(
      court()
        .judge(Array.from({ length: 8 }, () => click('session 1', 0.001)))
        .at(-1),
    ).toBe(1);
  });

  it.each([
    ['one member doubts', [0.001, 0.03]],
    ['the committee is not sure', [0.3, 0.3]],
  ])('is not flagged when %s', (_why, members) => {
    const judged = court();
    expect(judged.judge(Array.from({ length: 50 }, () => click('u', ...members)))).not.toContain(1);
    expect(judged.contradictionCount).toBe(0);
  });

  it('is flagged for clicks that are missing as for clicks that are too many', () => {
    const judged = court();
    const flags = judged.judge(
      Array.from({ length: 8 }, (): Seen => ({ user: 'u', members: [0.999, 0.995], label: 0 })),
    );
    expect(flags.at(-1)).toBe(1);
    expect(judged.contradictionCount).toBe(8);
  });

  it('is not flagged for as many contradictions as the committee expects, however many these are', () => {
    const random = randomOf(5);
    const judged = court({ halfLifeMs: 1_000 * HOUR_MS });
    const flags = Array.from({ length: 10 }, () =>
      judged.judge(
        Array.from({ length: 2_000 }, (): Seen => ({ user: 'whale', members: [0.02], label: random() < 0.02 ? 1 : 0 })),
      ),
    ).flat();
    expect(judged.contradictionCount).toBeGreaterThan(300);
    expect(flags).not.toContain(1);
  });

  it('is forgiven with time', () => {
    const judged = court({ halfLifeMs: HOUR_MS });
    expect(judged.judge(Array.from({ length: 8 }, () => click('u', 0.001))).at(-1)).toBe(1);
    expect(judged.judge([{ ...click('u', 0.001), gapMs: 2 * HOUR_MS }])).toEqual([0]);
  });

  it('of a thousand people predicted honestly hardly anybody is flagged, and every bot among them is', () => {
    const random = randomOf(11);
    const judged = court();
    const isBot = (user: number): boolean => user % 100 === 0;
    const flagged = { bots: new Set<string>(), people: new Set<string>(), samples: 0 };
    for (let round = 0; round < 40; round++) {
      const batch = Array.from({ length: 1_000 }, (): Seen => {
        const user = Math.floor(random() * 1_000);
        const p = 0.001 + 0.1 * random() ** 3;
        return {
          user: `${isBot(user) ? 'bot' : 'u'}${user}`,
          members: [p],
          label: random() < (isBot(user) ? 0.9 : p) ? 1 : 0,
          gapMs: 100,
        };
      });
      judged.judge(batch).forEach((isFlagged, i) => {
        const { user } = batch[i]!;
        if (isFlagged === 0) return;
        if (user.startsWith('bot')) flagged.bots.add(user);
        else flagged.people.add(user);
        flagged.samples++;
      });
    }
    expect(flagged.people.size).toBeLessThanOrEqual(1);
    expect(flagged.bots.size).toBe(10);
  });
});

const seen: fc.Arbitrary<Seen> = fc.record({
  user: fc.constantFrom(...Array.from({ length: 30 }, (_, i) => `u${i}`), 'u0', 'u0', 'u1', 'u1'),
  members: fc.array(fc.constantFrom(0.0005, 0.01, 0.02, 0.5, 0.995), { minLength: 2, maxLength: 2 }),
  label: fc.constantFrom<0 | 1>(0, 1),
  gapMs: fc.constantFrom(1, 1, 1_000, HOUR_MS, 9 * HOUR_MS),
});
const stream = fc.array(seen, { minLength: 1, maxLength: 120 });
const lenient = { minContradictions: 2, halfLifeMs: HOUR_MS };

describe('the flag of a sample', () => {
  it('is the same in any batches and after any restarts', () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 30 }), restarts: fc.boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        (samples, cuts) => {
          const whole = court(lenient).judge(samples);
          const broken = court(lenient);
          const flags: number[] = [];
          for (let from = 0, cut = 0; from < samples.length; cut++) {
            const { size, restarts } = cuts[cut % cuts.length]!;
            flags.push(...broken.judge(samples.slice(from, from + size)));
            from += size;
            if (restarts) broken.restart();
          }
          expect(flags).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('does not depend on its own label, or on later ones', () => {
    fc.assert(
      fc.property(stream, fc.nat(), (samples, chosen) => {
        const at = chosen % samples.length;
        const other = samples.map((one, i): Seen => (i === at ? { ...one, label: one.label === 1 ? 0 : 1 } : one));
        expect(
          court(lenient)
            .judge(other)
            .slice(0, at + 1),
        ).toEqual(
          court(lenient)
            .judge(samples)
            .slice(0, at + 1),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe('the sketch', () => {
  it('knows every source with more than a 24th of all contradictions', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }), (sources) => {
        const sketch = new ContradictionSketch(1e15);
        const scale = sketch.scaleAt(T0);
        const counts = new Map<number, number>();
        for (const source of sources) {
          const found = sketch.find(source);
          sketch.add(found >= 0 ? found : sketch.admit(source), 0, true, scale);
          counts.set(source, (counts.get(source) ?? 0) + 1);
        }
        for (const [source, count] of counts)
          if (count > sources.length / MOST_SOURCES) expect(sketch.find(source)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never counts a contradiction that was not there: what decides is at most the true count', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }), (sources) => {
        const sketch = new ContradictionSketch(1e15);
        const scale = sketch.scaleAt(T0);
        const counts = new Map<number, number>();
        for (const source of sources) {
          const found = sketch.find(source);
          sketch.add(found >= 0 ? found : sketch.admit(source), 0, true, scale);
          counts.set(source, (counts.get(source) ?? 0) + 1);
        }
        for (const [source, count] of counts) {
          const at = sketch.find(source);
          if (at >= 0) expect(sketch.exceeds(at, count + 1, scale)).toBe(false);
        }
      }),
    );
  });

  it('takes half a kilobyte of the progress record, however long it has counted', () => {
    const sketch = new ContradictionSketch(HOUR_MS);
    for (let i = 0; i < 100_000; i++) {
      const scale = sketch.scaleAt(T0 + i * 60_000);
      const source = mix(i % 977, 1) >>> 0;
      const found = sketch.find(source);
      sketch.add(found >= 0 ? found : sketch.admit(source), 0.01, true, scale);
    }
    expect(JSON.stringify(sketch.memory).length).toBeLessThan(540);
  });
});

describe('capping flagged samples', () => {
  const selection = configOf({ selection: { budget: 0.1, auditFraction: 0 } }).selection;
  const atMost = 0.05;

  /** A stream of which a fifth is flagged; its labels are drawn from p, but the flagged are clicked ten times as often. */
  function streamOf(count: number, seed: number) {
    const random = randomOf(seed);
    const made = {
      samples: Float64Array.from({ length: count }, (_, i) => mix(keyOf(`seed${seed}`), i + 1)),
      labels: new Uint8Array(count),
      importances: { ifNegative: new Float64Array(count), ifPositive: new Float64Array(count) },
      facts: {
        surfaces: new Uint8Array(count),
        categories: new Array<null>(count).fill(null),
        ranks: new Int8Array(count).fill(-1),
        timesMs: new Float64Array(count),
        flags: new Uint8Array(count),
      },
    };
    for (let i = 0; i < count; i++) {
      const p = 0.005 + 0.1 * random() ** 3;
      const isFlagged = random() < 0.2;
      made.facts.flags[i] = isFlagged ? CONTRADICTED : 0;
      made.labels[i] = random() < p * (isFlagged ? 9 : 1) ? 1 : 0;
      if (made.labels[i] === 1) made.facts.ranks[i] = 2;
      made.importances.ifNegative[i] = p;
      made.importances.ifPositive[i] = 1 - p;
    }
    return made;
  }

  it('keeps them with at most the cap, holds the budget, and Σ 1/π still estimates every count', () => {
    const count = 100_000;
    const { samples, labels, importances, facts } = streamOf(count, 3);
    const selector = new Selector(selection, keyOf, null, { contradictedAtMost: atMost });
    const columns = selectionColumns();
    selector.select(samples, labels, count, importances, columns, facts);
    const error = (passes: (i: number) => boolean): number => {
      let sum = 0;
      let variance = 0;
      for (let i = 0; i < count; i++) {
        if (!passes(i)) continue;
        const pi = columns.inclusionProbabilities[i]!;
        sum += (columns.fates[i] === KEPT ? 1 / pi : 0) - 1;
        variance += 1 / pi - 1;
      }
      return Math.abs(sum) / Math.sqrt(variance);
    };
    const isFlagged = (i: number): boolean => facts.flags[i] !== 0;
    for (const passes of [
      () => true,
      isFlagged,
      (i: number) => isFlagged(i) && labels[i] === 1,
      (i: number) => labels[i] === 1,
      (i: number) => !isFlagged(i),
    ])
      expect(error(passes)).toBeLessThan(4);
    let kept = 0;
    let highest = 0;
    for (let i = 0; i < count; i++) {
      if (isFlagged(i)) highest = Math.max(highest, columns.inclusionProbabilities[i]!);
      if (columns.fates[i] === KEPT) kept++;
    }
    expect(highest).toBe(atMost);
    expect(Math.abs(kept / count - 0.1)).toBeLessThan(0.004);
  });

  it('leaves the offset what it says: ln of both labels’ inclusion probabilities, each capped', () => {
    const chance = fc.double({ min: 0.0001, max: 0.9999, noNaN: true });
    fc.assert(
      fc.property(
        chance,
        fc.boolean(),
        fc.double({ min: -4, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.constantFrom(1, 0.5),
        (p, isFlagged, lnMu, cap, throttle) => {
          const one = (label: 0 | 1): { pi: number; offset: number } => {
            const selector = new Selector({ ...selection, throttle }, keyOf, lnMu, { contradictedAtMost: cap });
            const columns = selectionColumns();
            const importances = { ifNegative: Float64Array.of(p), ifPositive: Float64Array.of(1 - p) };
            const facts = {
              surfaces: Uint8Array.of(0),
              categories: [null],
              ranks: Int8Array.of(label === 1 ? 2 : -1),
              timesMs: Float64Array.of(T0),
              flags: Uint8Array.of(isFlagged ? CONTRADICTED : 0),
            };
            selector.select(Float64Array.of(7), Uint8Array.of(label), 1, importances, columns, facts);
            return { pi: columns.inclusionProbabilities[0]!, offset: columns.logOddsOffsets[0]! };
          };
          const [negative, positive] = [one(0), one(1)];
          if (isFlagged) for (const { pi } of [negative, positive]) expect(pi).toBeLessThanOrEqual(cap * throttle);
          expect(positive.offset).toBeCloseTo(Math.log(positive.pi / negative.pi), 9);
          expect(negative.offset).toBe(positive.offset);
        },
      ),
    );
  });
});
