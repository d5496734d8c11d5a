import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from '../../src/events/partition.js';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** From org.apache.kafka.common.utils.UtilsTest.testMurmur2. */
const KAFKA_VECTORS: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

describe('partition of a key', () => {
  it.each(KAFKA_VECTORS)('murmur2 of %s is what Kafka computes', (text, expected) => {
    expect(murmur2(utf8(text))).toBe(expected);
  });

  it('is the hash with its sign bit cleared, modulo the partition count', () => {
    expect(partitionOf(utf8('21'), 12)).toBe((-973932308 & 0x7fffffff) % 12);
  });

  it('is a partition number, the same every time', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 1, max: 10_000 }), (key, count) => {
        const partition = partitionOf(key, count);
        return (
          Number.isInteger(partition) &&
          partition >= 0 &&
          partition < count &&
          partition === partitionOf(key.slice(), count)
        );
      }),
    );
  });

  it('spreads sessions evenly: each of 8 partitions holds its share within 5 standard deviations', () => {
    const cells = new Array<number>(8).fill(0);
    for (let i = 0; i < 40_000; i++) cells[partitionOf(utf8(`session-${i}`), 8)]! += 1;
    for (const found of cells) expect(Math.abs(found - 5_000)).toBeLessThan(5 * Math.sqrt(5_000));
  });
});
