import { describe, expect, it } from 'vitest';
import { rankingMetrics } from '../../../src/learn/metrics/ranking.js';
import { seededRandom } from '../../../src/learn/learners/random.js';

/** Lists as [prediction, label] pairs, each of a session of its own. */
function of(...lists: readonly (readonly (readonly [number, 0 | 1])[])[]) {
  const rows = lists.flatMap((list, session) => list.map(([p, y]) => ({ p, y, session, time: 10 * session })));
  return rankingMetrics(
    Float32Array.from(rows, ({ p }) => p),
    Uint8Array.from(rows, ({ y }) => y),
    Float64Array.from(rows, ({ time }) => time),
    Uint32Array.from(rows, ({ session }) => session),
  );
}

describe('the order of lists', () => {
  it('is judged list by list, as by hand', () => {
    const first = [
      [0.9, 0],
      [0.5, 1],
      [0.1, 0],
    ] as const;
    const second = [
      [0.2, 1],
      [0.1, 0],
    ] as const;
    expect(of(first)).toEqual({ lists: 1, ndcgAt10: 1 / Math.log2(3), mrr: 0.5 });
    expect(of(first, second)).toEqual({ lists: 2, ndcgAt10: (1 / Math.log2(3) + 1) / 2, mrr: 0.75 });
  });

  it('of more than one positive is measured against the best there is', () => {
    const { ndcgAt10, mrr } = of([
      [0.9, 1],
      [0.5, 0],
      [0.1, 1],
    ]);
    expect(ndcgAt10).toBeCloseTo((1 + 1 / 2) / (1 + 1 / Math.log2(3)), 12);
    expect(mrr).toBe(1);
  });

  it('says nothing of lists without a positive or a negative', () => {
    expect(of([[0.5, 0]], [[0.5, 1]])).toEqual({ lists: 0, ndcgAt10: null, mrr: null });
  });

  it('looks at ten places', () => {
    const list = Array.from({ length: 12 }, (_, i) => [1 - i / 100, i === 11 ? 1 : 0] as const);
    const { ndcgAt10, mrr } = of(list);
    expect(ndcgAt10).toBe(0);
    expect(mrr).toBeCloseTo(1 / 12, 12);
  });

  it('of equal predictions is that of chance, not that in which they were shown', () => {
    const random = seededRandom(3);
    const labels = [1, 0, 0, 1, 0, 0, 0] as const;
    const tied = of(labels.map((label) => [0.5, label] as const));
    expect(tied).toEqual(of([...labels].reverse().map((label) => [0.5, label] as const)));
    const shuffled = Array.from({ length: 4_000 }, () => labels.map((label) => [random(), label] as const));
    const chance = of(...shuffled);
    expect(Math.abs(tied.ndcgAt10! - chance.ndcgAt10!)).toBeLessThan(0.02);
    expect(Math.abs(tied.mrr! - chance.mrr!)).toBeLessThan(0.02);
  });

  it('keeps lists of one time apart by their sessions', () => {
    const shuffledIn = rankingMetrics(
      Float32Array.of(0.9, 0.2, 0.8, 0.1),
      Uint8Array.of(0, 1, 1, 0),
      new Float64Array(4),
      Uint32Array.of(1, 2, 1, 2),
    );
    expect(shuffledIn).toEqual({ lists: 2, ndcgAt10: (1 / Math.log2(3) + 1) / 2, mrr: 0.75 });
  });
});
