import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growTree } from '../../../src/adapters/forest/grow-tree.js';
import type { GrownNode, GrowRequest } from '../../../src/ports/learner.js';

function request(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  changes: Partial<GrowRequest> = {},
): GrowRequest {
  return {
    rows: Float64Array.from(rows.flat()),
    rowCount: rows.length,
    columnCount: rows[0]!.length,
    targets: Uint8Array.from(targets),
    columnFraction: 1,
    maxDepth: 8,
    minNodeRows: 1,
    seed: 1,
    ...changes,
  };
}

function leafPath(node: GrownNode, row: readonly number[]): string {
  if (node === null) return '';
  return row[node.column]! < node.threshold ? `l${leafPath(node.left, row)}` : `r${leafPath(node.right, row)}`;
}

function depthOf(node: GrownNode): number {
  return node === null ? 0 : 1 + Math.max(depthOf(node.left), depthOf(node.right));
}

describe('a tree grown by ml-random-forest', () => {
  it('takes a perfect split at the root, which the library refuses', () => {
    expect(growTree(request([[1], [2], [3], [4]], [0, 0, 1, 1]))).toEqual({
      column: 0,
      threshold: 2.5,
      left: null,
      right: null,
    });
  });

  it('takes perfect splits further down', () => {
    const rows = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [0, 1, 2].map((c) => [a, b, c])));
    const tree = growTree(
      request(
        rows,
        rows.map(([a, b]) => a! & b!),
      ),
    );
    const paths = (want: number) =>
      new Set(rows.filter(([a, b]) => (a! & b!) === want).map((row) => leafPath(tree, row)));
    expect([...paths(1)].some((path) => paths(0).has(path))).toBe(false);
  });

  it('leaves one leaf where nothing can be split', () => {
    expect(
      growTree(
        request(
          [
            [7, 7],
            [7, 7],
            [7, 7],
          ],
          [0, 1, 1],
        ),
      ),
    ).toBeNull();
    expect(
      growTree(
        request(
          [
            [1, 2],
            [3, 4],
          ],
          [1, 1],
        ),
      ),
    ).toBeNull();
  });

  it('splits only columns it was given, and on both sides of every threshold some row lies', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(1)), { minLength: 5, maxLength: 60 }),
        fc.nat(1000),
        (given, seed) => {
          const rows = given.map(([a, b, c]) => [a, b, c]);
          const tree = growTree(
            request(
              rows,
              given.map(([, , , y]) => y),
              { columnFraction: 0.6, seed, maxDepth: 4 },
            ),
          );
          const visit = (node: GrownNode, inside: readonly (readonly number[])[]): number[] => {
            if (node === null) return [];
            const left = inside.filter((row) => row[node.column]! < node.threshold);
            const right = inside.filter((row) => row[node.column]! >= node.threshold);
            expect(Math.min(left.length, right.length)).toBeGreaterThan(0);
            return [node.column, ...visit(node.left, left), ...visit(node.right, right)];
          };
          expect(new Set(visit(tree, rows)).size).toBeLessThanOrEqual(2);
          expect(depthOf(tree)).toBeLessThanOrEqual(5);
        },
      ),
    );
  });

  it('the same seed grows the same tree', () => {
    const rows = Array.from({ length: 80 }, (_, i) => [i % 7, (i * 3) % 11, (i * 5) % 13, i % 3]);
    const grow = (seed: number) =>
      growTree(
        request(
          rows,
          rows.map(([a, b]) => (a! + b! > 8 ? 1 : 0)),
          { seed, columnFraction: 0.5 },
        ),
      );
    expect(grow(4)).toEqual(grow(4));
  });
});
