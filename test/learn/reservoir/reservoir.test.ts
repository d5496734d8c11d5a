import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createHash32 } from '../../../src/adapters/xxhash/index.js';
import { recencyPriority, uniformOf } from '../../../src/learn/reservoir/priority.js';
import { createRowSlab, type KeptRow } from '../../../src/learn/reservoir/row-slab.js';
import { createRowsHeld } from '../../../src/learn/reservoir/rows-held.js';
import type { Hash32 } from '../../../src/ports/hash.js';
import { sample } from '../samples.js';

let hash: Hash32;
beforeAll(async () => {
  hash = await createHash32();
});

const row = (id: number, columns = 2): KeptRow => ({
  features: Array.from({ length: columns }, (_, column) => id * 10 + column),
  label: (id % 2) as 0 | 1,
  weight: id + 0.5,
  offset: -id,
  surface: id % 3 === 0 ? 'AD' : 'SEARCH',
  timeKey: id,
  draw: id,
  fold: (id & 1) as 0 | 1,
});

describe('a row slab', () => {
  test('holds the rows of highest priority, whole and oldest first, whatever came', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        (priorities, capacity) => {
          const slab = createRowSlab(capacity, 2);
          priorities.forEach((priority, id) => slab.offer(priority, row(id)));
          const best = priorities
            .map((priority, id) => ({ priority, id }))
            .sort((a, b) => b.priority - a.priority)
            .slice(0, capacity)
            .map(({ id }) => id)
            .sort((a, b) => a - b);
          const { rows, rowCount, labels, weights, offsets, surfaces } = slab.ordered();
          expect(rowCount).toBe(best.length);
          expect([...rows]).toEqual(best.flatMap((id) => [id * 10, id * 10 + 1]));
          expect([...labels]).toEqual(best.map((id) => id % 2));
          expect([...weights]).toEqual(best.map((id) => id + 0.5));
          expect([...offsets].map((offset) => -offset)).toEqual(best);
          expect([...surfaces]).toEqual(best.map((id) => (id % 3 === 0 ? 1 : 0)));
        },
      ),
    );
  });

  test('grows past its first allocation without losing a row', () => {
    const slab = createRowSlab(5_000, 1);
    for (let id = 0; id < 5_000; id++) slab.offer(id, row(id, 1));
    expect([...slab.ordered().rows]).toEqual(Array.from({ length: 5_000 }, (_, id) => id * 10));
  });

  test('hands out copies: a fit may carry the buffers away', () => {
    const slab = createRowSlab(4, 1);
    slab.offer(1, row(1, 1));
    slab.ordered().rows.fill(-1);
    expect([...slab.ordered().rows]).toEqual([10]);
  });

  test('keeps a missing value missing', () => {
    const slab = createRowSlab(1, 2);
    slab.offer(1, { ...row(1), features: Float32Array.of(Number.NaN, 3) });
    expect([...slab.ordered().rows]).toEqual([Number.NaN, 3]);
  });
});

describe('the reservoir', () => {
  const settings = {
    columnCount: 1,
    reservoirSize: 50,
    reservoirBytes: 1e9,
    halfLifeSamples: 100,
    auditWindowSamples: 50,
  };
  const many = Array.from({ length: 400 }, (_, i) => sample(i, { features: [i] }));

  test('holds the same rows in the same order however the partitions were interleaved', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 400, maxLength: 400 }), (turns) => {
        const straight = createRowsHeld(settings, hash);
        many.forEach((one, i) => straight.train(one, i));
        many.forEach((one) => straight.audit(one));
        const mixed = createRowsHeld(settings, hash);
        const late = many.filter((_, i) => turns[i]);
        const early = many.filter((_, i) => !turns[i]);
        for (const one of [...early, ...late]) mixed.train(one, many.indexOf(one));
        for (const one of [...late, ...early]) mixed.audit(one);
        expect(mixed.trainingRows()).toEqual(straight.trainingRows());
        expect(mixed.auditRows()).toEqual(straight.auditRows());
      }),
      { numRuns: 20 },
    );
  });

  test('rows of one moment and one priority stay and stand alike in whatever order they came', () => {
    const rows = Array.from({ length: 40 }, (_, id) => ({ ...row(id, 1), timeKey: id % 3, draw: (id * 7919) % 40 }));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: 40 }), (shuffled) => {
        const [straight, mixed] = [createRowSlab(10, 1), createRowSlab(10, 1)];
        for (const one of rows) straight.offer(one.timeKey, one);
        for (const one of shuffled) mixed.offer(one.timeKey, one);
        expect(mixed.ordered()).toEqual(straight.ordered());
      }),
    );
  });

  test('the audit window holds the newest by event time', () => {
    const held = createRowsHeld(settings, hash);
    for (const one of many) held.audit(one);
    expect([...held.auditRows().rows]).toEqual(many.slice(-50).map((_, i) => 350 + i));
    expect(held.trainingSize).toBe(0);
  });

  test('a row one half-life older is kept half as often', () => {
    const halfLife = 20_000;
    const held = createRowsHeld({ ...settings, reservoirSize: 2_000, halfLifeSamples: halfLife }, hash);
    for (let i = 0; i < 4 * halfLife; i++) held.train(sample(i, { features: [i] }), i);
    const { rows } = held.trainingRows();
    const inHalfLife = [0, 1, 2, 3].map((age) => rows.filter((i) => Math.floor(i / halfLife) === age).length);
    // 2,000 rows shared 1 : 2 : 4 : 8; four standard deviations of a multinomial either way
    [133, 267, 533, 1067].forEach((expected, age) => {
      expect(Math.abs(inHalfLife[age]! - expected)).toBeLessThan(4 * Math.sqrt(expected));
    });
  });

  test('inclusion does not depend on the label', () => {
    const held = createRowsHeld({ ...settings, reservoirSize: 3_000, halfLifeSamples: 10_000 }, hash);
    for (let i = 0; i < 30_000; i++) held.train(sample(i, { features: [i], label: i % 10 === 0 ? 1 : 0 }), i);
    const positives = held.trainingRows().labels.reduce((sum, label) => sum + label, 0);
    expect(Math.abs(positives - 300)).toBeLessThan(4 * Math.sqrt(300 * 0.9));
  });

  test('its draw is not the coin of the selection', () => {
    const below = Array.from({ length: 20_000 }, (_, i) => `request-${i}#1`).filter(
      (id) => hash(id, 0) < 2 ** 32 * 0.1,
    );
    const meanDraw = below.reduce((sum, id) => sum + uniformOf(id, hash), 0) / below.length;
    expect(Math.abs(meanDraw - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / below.length));
  });

  test('priorities stay finite and rise with recency for any age', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (index, drawn) => {
        const uniform = uniformOf('x', () => drawn);
        const priority = recencyPriority(index, 1_000, uniform);
        expect(Number.isFinite(priority)).toBe(true);
        expect(recencyPriority(index + 1_000, 1_000, uniform)).toBeGreaterThan(priority);
      }),
    );
  });
});
