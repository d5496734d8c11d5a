import { describe, expect, test } from 'vitest';
import { partitionOfPlace, placeHeader, placeOfKept, readPlace } from '../../src/events/sample-place.js';

describe('the place of a kept sample', () => {
  test('goes round the partitions: the first of each, then the second of each', () => {
    const places = [0, 1].flatMap((ordinal) => [0, 1, 2].map((partition) => placeOfKept(ordinal, partition, 3)));
    expect(places).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('tells its partition by the count that it was written under, however many there are now', () => {
    for (const then of [1, 4, 12])
      for (const partition of [0, then - 1])
        expect(partitionOfPlace(readPlace(placeHeader(7, partition, then))!, 24)).toBe(partition);
  });

  test('of a release that did not say the count goes by the count of now', () => {
    expect(partitionOfPlace(readPlace('29')!, 4)).toBe(1);
  });

  test.each([undefined, '', 'x', '-1', '1/0', '1/', '1/x', '1'.repeat(16)])('%s is none', (header) => {
    expect(readPlace(header)).toBeUndefined();
  });
});
