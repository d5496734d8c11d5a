import { afterEach, describe, expect, test } from 'vitest';
import { allocate } from '../../src/bundle/bundle.js';
import { packRows } from '../../src/bundle/pack.js';
import { POOLED, type PooledBundle } from '../../src/bundle/sample.js';
import type { PoolFacts } from '../../src/events/pool-facts.js';
import { bench, type Bench } from './fakes.js';
import { FEATURE_SET, sample } from './samples.js';

const open: Bench[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function benchOf(): Promise<Bench> {
  const made = await bench({
    retrain: { minPositives: 2, reservoirSize: 200, promote: 'manual', proof: { enabled: false } },
  });
  open.push(made);
  return made;
}

/** Rows that are told apart by their one feature, every third of them positive. */
function rowsFrom(first: number, count: number): PooledBundle {
  const rows = allocate(POOLED, count, 1);
  for (let i = 0; i < count; i++) {
    rows.rows[i] = first + i;
    rows.labels[i] = i % 3 === 0 ? 1 : 0;
    rows.timesMs[i] = 1_700_000_000_000 + (first + i) * 1_000;
    rows.sampleKeys[i] = first + i + 1;
    rows.weights[i] = 2;
    rows.offsets[i] = 0.5;
  }
  return rows;
}

async function recordOf(rows: PooledBundle, facts: Partial<PoolFacts> = {}) {
  const whole = {
    application: 'mine',
    featureSetId: FEATURE_SET,
    partition: 0,
    partitionCount: 1,
    ordinal: 0,
    ...facts,
  };
  return { topic: 'pool', key: null, value: packRows(POOLED, rows, whole), partition: 0 } as const;
}

const pool = { application: 'mine' };
const featuresOf = ({ plain }: Bench) => [...plain.seen.at(-1)!.training.rows];
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('the learner with a pool of its own', () => {
  test('fits on the rows of the pool, with their offsets, and a new process on the same', async () => {
    const one = await benchOf();
    await one.append('training', [sample(900, { label: 1 }), sample(901)]);
    await one.transport.append([await recordOf(rowsFrom(0, 20)), await recordOf(rowsFrom(20, 10), { ordinal: 20 })]);
    await one.start({ pool }).learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(30));
    expect([...one.plain.seen[0]!.training.offsets]).toEqual(upTo(30).map(() => 0.5));
    await one.start({ pool }).learner.run(2_000);
    expect(one.plain.seen[1]).toEqual(one.plain.seen[0]);
  });

  test('fits on the kept samples while they are more than the pool, and where there is no pool', async () => {
    const one = await benchOf();
    await one.append(
      'training',
      upTo(40).map((i) => sample(i, { label: i % 4 === 0 ? 1 : 0 })),
    );
    await one.transport.append([await recordOf(rowsFrom(100, 30))]);
    await one.start({ pool }).learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(40));
    await one.transport.append([await recordOf(rowsFrom(130, 30), { ordinal: 30 })]);
    await one.start().learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(40));
    await one.start({ pool }).learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(60).map((i) => 100 + i));
  });

  test('takes no rows of another application, feature set or width, none that are damaged, and counts what it cannot use', async () => {
    const one = await benchOf();
    const bad = rowsFrom(0, 4);
    bad.weights[2] = NaN;
    const wide = allocate(POOLED, 5, 2);
    await one.transport.append([
      await recordOf(rowsFrom(500, 10), { application: 'theirs' }),
      await recordOf(rowsFrom(600, 7), { featureSetId: 'another' }),
      await recordOf(wide),
      await recordOf(bad),
      { topic: 'pool', key: null, value: Uint8Array.of(1, 2, 3), partition: 0 },
      { topic: 'pool', key: null, value: null, partition: 0 },
      await recordOf(rowsFrom(0, 20)),
    ]);
    await one.start({ pool }).learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(20));
    const skipped = (reason: string) => one.metrics.total('sluice_learner_skipped_rows_total', { reason });
    expect(['feature-set', 'columns', 'malformed', 'undecodable'].map(skipped)).toEqual([7, 5, 4, 1]);
    expect(one.metrics.latest('sluice_pool_rows')).toBe(20);
    expect(one.metrics.latest('sluice_pool_bytes')).toBeGreaterThan(20 * 4);
  });

  test('has the log forget the oldest records beyond its bytes; a new process begins with what is left', async () => {
    const one = await benchOf();
    const records = await Promise.all(upTo(10).map((i) => recordOf(rowsFrom(i * 10, 10), { ordinal: i * 10 })));
    const mostBytes = records.slice(-4).reduce((sum, { value }) => sum + value.length, 0);
    await one.transport.append(records);
    const limited = { ...pool, mostBytes };
    await one.start({ pool: limited }).learner.run(1_000);
    expect(featuresOf(one)).toEqual(upTo(100));
    const left = await one.transport.reader(['pool'], 'earliest');
    expect((await left.poll(0)).map(({ offset }) => offset)).toEqual([6, 7, 8, 9]);
    await left.close();
    await one.start({ pool: limited }).learner.run(2_000);
    expect(featuresOf(one)).toEqual(upTo(40).map((i) => 60 + i));
  });
});
