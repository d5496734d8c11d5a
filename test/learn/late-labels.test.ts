import { afterEach, describe, expect, test } from 'vitest';
import { jsonLate } from '../../src/adapters/avro/index.js';
import { createHash32 } from '../../src/adapters/xxhash/index.js';
import { seededRandom } from '../../src/adapters/system/random.js';
import { allocate } from '../../src/bundle/bundle.js';
import { packRows } from '../../src/bundle/pack.js';
import { POOLED } from '../../src/bundle/sample.js';
import { CORRECTS, correctionHeader, type Correction } from '../../src/events/correction.js';
import type { LateInteraction, TrainingSample } from '../../src/events/words.js';
import { correctedRows } from '../../src/learn/fit/correction.js';
import { solveIntercept } from '../../src/learn/learners/intercept.js';
import { createRowsHeld } from '../../src/learn/reservoir/rows-held.js';
import type { NewRecord } from '../../src/ports/transport.js';
import { bench, type Bench } from './fakes.js';
import { FEATURE_SET, sample } from './samples.js';

const open: Bench[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const codec = jsonLate();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function lateOf({ sampleId, requestId, itemId, eventTimeMs }: TrainingSample): LateInteraction {
  return {
    interactionId: `late ${sampleId}`,
    eventTimeMs: eventTimeMs + 70_000,
    type: 'CLICK',
    sessionPseudonym: 'ab',
    pseudonymKeyId: 'k',
    itemId,
    requestId,
    sampleId,
    impressionTimeMs: eventTimeMs,
    pastWindowMs: 10_000,
    behindWatermarkMs: 0,
    labelWas: 0,
    labelWouldBe: 1,
    outcomeWas: 'NONE',
    outcomeWouldBe: 'CLICK',
  };
}

/** The late record of a sample, with the header that makes it a correction unless that is left out. */
function lateRecord(of: TrainingSample, correction: Partial<Correction> | null = {}): NewRecord {
  const whole = { sampleKey: 1, partition: 0, partitionCount: 1, after: 0, ...correction };
  const headers = correction === null ? {} : { [CORRECTS]: correctionHeader(whole) };
  return { topic: 'late', key: null, value: codec.encode(lateOf(of)), headers, partition: 0 };
}

async function benchOf(): Promise<Bench> {
  const made = await bench({
    retrain: { minPositives: 2, reservoirSize: 200, promote: 'manual', proof: { enabled: false } },
  });
  open.push(made);
  return made;
}

/** Labels of the rows of the last fit, as text. */
const labelsOf = ({ plain }: Bench): string => [...plain.seen.at(-1)!.training.labels].join('');

describe('a learner that goes by late labels', () => {
  const kept = upTo(12).map((i) => sample(i, { label: i < 3 ? 1 : 0, logOddsOffset: i % 2, importanceWeight: 4 }));

  test('takes a kept negative that was late as a positive, offsets knowing how many are, and no other row', async () => {
    const one = await benchOf();
    await one.transport.append([lateRecord(kept[7]!), lateRecord(kept[1]!), lateRecord(sample(500))]);
    await one.append('training', kept);
    await one.transport.append([lateRecord(kept[10]!), lateRecord(kept[9]!, null)]);
    await one.start({ lateCodec: codec }).learner.run(1_000);
    expect(labelsOf(one)).toBe('111000010010');
    // Two of five positives are late.
    const offsets = upTo(12).map((i) => Math.fround(Math.log(0.6 * Math.exp(i % 2) + 0.4)));
    expect([...one.plain.seen[0]!.training.offsets]).toEqual(offsets);
    expect(new Set(one.plain.seen[0]!.training.weights)).toEqual(new Set([1]));
    await one.start({ lateCodec: codec }).learner.run(2_000);
    expect(one.plain.seen[1]).toEqual(one.plain.seen[0]);
    await one.start().learner.run(2_000);
    expect(labelsOf(one)).toBe('111000000000');
  });

  test('does so in the rows of its pool, which have keys and no ids', async () => {
    const one = await benchOf();
    const rows = allocate(POOLED, 20, 1);
    for (const i of upTo(20)) {
      rows.rows[i] = i;
      rows.labels[i] = i < 4 ? 1 : 0;
      rows.timesMs[i] = sample(i).eventTimeMs;
      rows.sampleKeys[i] = 9_000_000_000_000_000 + i;
      rows.weights[i] = 1;
    }
    const facts = { application: 'mine', featureSetId: FEATURE_SET, partition: 0, partitionCount: 1, ordinal: 0 };
    await one.transport.append([
      { topic: 'pool', key: null, value: packRows(POOLED, rows, facts), partition: 0 },
      lateRecord(sample(9), { sampleKey: 9_000_000_000_000_009 }),
      // Of another time: another sample.
      lateRecord(sample(30), { sampleKey: 9_000_000_000_000_010 }),
    ]);
    await one.start({ lateCodec: codec, pool: { application: 'mine' } }).learner.run(1_000);
    expect(labelsOf(one)).toBe('11110000010000000000');
  });

  test('judges by late labels, too', async () => {
    const one = await benchOf();
    await one.append('training', kept);
    const audit = upTo(40).map((i) => sample(100 + i, { label: i % 4 === 0 ? 1 : 0, importanceWeight: 10 }));
    await one.append('audit', audit);
    await one.transport.append([1, 2, 3].map((i) => lateRecord(audit[i]!)));
    const positivesOf = async (lateCodec: typeof codec | undefined): Promise<number> => {
      const report = await one.start({ lateCodec }).learner.run(1_000);
      const { overall } = report!.manifest.metrics.candidate!;
      return overall.positiveCount;
    };
    expect(await positivesOf(undefined)).toBe(10);
    expect(await positivesOf(codec)).toBe(13);
  });

  test('that waits for a fit knows of what came before the samples of the fit were final, and of nothing later', async () => {
    const one = await benchOf();
    await one.append('training', kept);
    await one.transport.append([
      lateRecord(kept[5]!, { after: 11 }),
      lateRecord(kept[6]!, { after: 12 }),
      lateRecord(kept[7]!, { after: 13 }),
    ]);
    const { learner } = one.start({ lateCodec: codec });
    await learner.run(12, undefined, [12]);
    expect(labelsOf(one)).toBe('111001000000');
    await learner.run(13, undefined, [13]);
    expect(labelsOf(one)).toBe('111001100000');
    await learner.run(13);
    expect(labelsOf(one)).toBe('111001110000');
  });

  test('passes over late records that are none, and counts those that it cannot read', async () => {
    const one = await benchOf();
    await one.append('training', kept);
    const { headers } = lateRecord(kept[5]!);
    await one.transport.append([
      { topic: 'late', key: null, value: Uint8Array.of(1, 2), headers: headers!, partition: 0 },
      { topic: 'late', key: null, value: null, headers: headers!, partition: 0 },
      { ...lateRecord(kept[6]!), headers: { [CORRECTS]: 'x' } },
      lateRecord(kept[7]!),
    ]);
    await one.start({ lateCodec: codec }).learner.run(1_000);
    expect(labelsOf(one)).toBe('111000010000');
    expect(one.metrics.total('sluice_learner_skipped_rows_total', { reason: 'undecodable' })).toBe(1);
  });
});

describe('labels corrected after selection', () => {
  /**
   * A third of the positives are late: they were kept as negatives are. Three values of x, each with a click probability,
   * kept by |y − p̃| of a poor scorer.
   */
  const TRUTH = [0.05, 0.1, 0.3];

  test('estimate the click probabilities of the whole stream, with the offset and with weights', async () => {
    const hash = await createHash32();
    const random = seededRandom(7);
    const settings = { columnCount: 1, reservoirSize: 1e6, reservoirBytes: 1e9, halfLifeSamples: 1e9 };
    const held = createRowsHeld({ ...settings, auditWindowSamples: 1 }, hash);
    const chance = (label: number, x: number): number => 0.02 + 0.2 * Math.abs(label - (0.2 + 0.2 * x));
    for (let i = 0; i < 200_000; i++) {
      const x = i % 3;
      const isPositive = random() < TRUTH[x]!;
      const isLate = isPositive && random() < 1 / 3;
      const label = isPositive && !isLate ? 1 : 0;
      const π = chance(label, x);
      if (random() >= π) continue;
      const offset = Math.log(chance(1, x) / chance(0, x));
      const one = sample(i, { label, features: [x], importanceWeight: 1 / π, logOddsOffset: offset });
      held.train(one, i);
      const correction = { sampleKey: i + 1, partition: 0, partitionCount: 1, after: 0 };
      if (isLate) held.correct({ sampleId: one.sampleId, impressionTimeMs: one.eventTimeMs, correction });
    }
    const estimate = (rows: ReturnType<typeof correctedRows>, x: number): number => {
      const own = upTo(rows.rowCount).filter((i) => rows.rows[i] === x);
      const logOdds = solveIntercept(
        Uint8Array.from(own, (i) => rows.labels[i]!),
        Float32Array.from(own, (i) => rows.offsets[i]!),
        Float32Array.from(own, (i) => rows.weights[i]!),
      );
      return 1 / (1 + Math.exp(-logOdds));
    };
    for (const correction of ['offsets', 'weights'] as const) {
      const rows = correctedRows(correction, held.rowsToFit());
      for (const [x, truth] of TRUTH.entries())
        expect(estimate(rows, x) / truth, `${correction} ${x}`).toBeCloseTo(1, 0.9);
      // As they were published, a third of the clicks is missing.
      const published = correctedRows(correction, held.trainingRows());
      for (const [x, truth] of TRUTH.entries()) expect(estimate(published, x)).toBeLessThan(0.8 * truth);
    }
  });
});
