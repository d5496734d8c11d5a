import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignPartitions, type Member } from '../../../src/adapters/kafka/assign.js';
import { decodeHeld, encodeHeld } from '../../../src/adapters/kafka/assigner.js';

const members = fc.uniqueArray(
  fc.record({
    memberId: fc.string({ minLength: 1, maxLength: 4 }),
    held: fc.array(fc.integer({ min: -2, max: 40 }), { maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 8, selector: ({ memberId }) => memberId },
);
const counts = fc.integer({ min: 0, max: 32 });

describe('assignPartitions', () => {
  test('gives every partition to exactly one member, counts within one of each other', () => {
    fc.assert(
      fc.property(members, counts, (group, count) => {
        const shares = assignPartitions(group, count);
        expect([...shares.keys()].sort()).toEqual(group.map(({ memberId }) => memberId).sort());
        expect([...shares.values()].flat().sort((a, b) => a - b)).toEqual(
          Array.from({ length: count }, (_, each) => each),
        );
        const sizes = [...shares.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('does not depend on the order of members', () => {
    fc.assert(
      fc.property(members, counts, (group, count) => {
        expect(assignPartitions([...group].reverse(), count)).toEqual(assignPartitions(group, count));
      }),
    );
  });

  test('moves nothing when nothing changed', () => {
    fc.assert(
      fc.property(members, counts, (group, count) => {
        const first = assignPartitions(group, count);
        expect(assignPartitions(asMembers(first), count)).toEqual(first);
      }),
    );
  });

  test('a member that joins takes its share and no other partition moves', () => {
    fc.assert(
      fc.property(members, counts, (group, count) => {
        const before = assignPartitions(group, count);
        const after = assignPartitions([...asMembers(before), { memberId: 'newcomer', held: [] }], count);
        for (const [memberId, kept] of after)
          if (memberId !== 'newcomer') expect(before.get(memberId)).toEqual(expect.arrayContaining(kept));
      }),
    );
  });

  test('a member that leaves hands over only what it held', () => {
    fc.assert(
      fc.property(members, counts, (group, count) => {
        const before = assignPartitions(group, count);
        const staying = asMembers(before).slice(1);
        if (staying.length === 0) return;
        const after = assignPartitions(staying, count);
        for (const { memberId, held } of staying)
          expect(after.get(memberId)).toEqual(expect.arrayContaining([...held]));
      }),
    );
  });

  test('no members, no shares', () => {
    expect(assignPartitions([], 4).size).toBe(0);
  });
});

test('what a member holds comes back from its bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 2 ** 31 - 1 })),
      (held) => void expect(decodeHeld(encodeHeld(held))).toEqual(held),
    ),
  );
  expect(decodeHeld(null)).toEqual([]);
});

function asMembers(shares: ReadonlyMap<string, number[]>): Member[] {
  return [...shares].map(([memberId, held]) => ({ memberId, held }));
}
