import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastRecordKey, newestKey, offsetOf, recordKey } from '../../../src/adapters/lmdb/keys.js';
import { processLives, processMark } from '../../../src/adapters/lmdb/process-mark.js';
import { decodeRecord, encodeRecord } from '../../../src/adapters/lmdb/record-bytes.js';

const bytes = fc.option(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  { nil: null },
);
const headers = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ maxLength: 8 }), {
  noNullPrototype: true,
});
const place = fc.tuple(fc.nat(65_535), fc.nat(9_999), fc.nat(2 ** 48 - 2));

describe('record bytes', () => {
  it('any record comes back as it was, empty apart from null', () => {
    fc.assert(
      fc.property(bytes, bytes, headers, fc.integer(), fc.nat(), (key, value, given, timestampMs, offset) => {
        const encoded = encodeRecord({ topic: 'audit', key, value, headers: given }, timestampMs);
        expect(decodeRecord(encoded, offset)).toEqual({ offset, key, value, timestampMs, headers: given });
      }),
    );
  });
});

describe('record keys', () => {
  it('sort as topic, partition and offset do', () => {
    fc.assert(
      fc.property(place, place, (left, right) => {
        const byNumbers = left.map((n, i) => Math.sign(n - right[i]!)).find((sign) => sign !== 0) ?? 0;
        return Buffer.compare(recordKey(...left), recordKey(...right)) === byNumbers;
      }),
    );
  });

  it('hold their offset and stand before the end of their partition', () => {
    fc.assert(
      fc.property(place, ([topic, partition, offset]) => {
        const key = recordKey(topic, partition, offset);
        return offsetOf(key) === offset && Buffer.compare(key, lastRecordKey(topic, partition)) < 0;
      }),
    );
  });

  it('of the index fit LMDB and tell keys apart', () => {
    const key = (text: string) => newestKey(1, 2, Buffer.from(text));
    expect(key('x'.repeat(100_000)).length).toBeLessThan(1_978);
    const names = ['', 'a', 'x'.repeat(256), 'x'.repeat(257), 'x'.repeat(258)];
    expect(new Set(names.map((name) => key(name).toString('hex'))).size).toBe(names.length);
  });
});

describe.runIf(process.platform === 'linux')('process marks', () => {
  it('this process lives under its own mark and not under another', () => {
    const mark = processMark(process.pid);
    expect(mark).toBe(processMark(process.pid));
    expect(processLives(process.pid, mark)).toBe(true);
    expect(processLives(process.pid, `${mark}0`)).toBe(false);
  });

  it('a process id that nobody has is dead, with or without a mark', () => {
    const nobody = 2 ** 22 + 1;
    expect([processLives(nobody, 'boot/1'), processLives(nobody, '')]).toEqual([false, false]);
  });
});
