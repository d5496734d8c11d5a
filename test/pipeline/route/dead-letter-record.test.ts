import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deadLetterFromRecord, deadLetterToRecord } from '../../../src/pipeline/route/dead-letter-record.js';
import { schemaText } from '../../../src/adapters/avro/schema-files.js';
import { deadLetters } from '../../laws/arbitraries.js';

describe('a dead letter as a record', () => {
  test('reads back as it was', () => {
    fc.assert(
      fc.property(deadLetters, fc.nat(), (letter, timestampMs) => {
        expect(deadLetterFromRecord({ ...deadLetterToRecord(letter), timestampMs })).toEqual(letter);
      }),
    );
  });

  test('key and value are the source message, byte for byte, so that it can be sent again', () => {
    fc.assert(
      fc.property(deadLetters, (letter) => {
        const record = deadLetterToRecord(letter);
        expect(record.key).toBe(letter.key);
        expect(record.value).toBe(letter.payload);
      }),
    );
  });

  test('every field of DeadLetter.avsc but key and payload is a header', () => {
    const { fields } = JSON.parse(schemaText('DeadLetter')) as { fields: { name: string }[] };
    fc.assert(
      fc.property(deadLetters, (letter) => {
        const headers = Object.keys(deadLetterToRecord({ ...letter, itemIndex: 0, payloadSha256: 'ab' }).headers);
        const expected = fields.map(({ name }) => name).filter((name) => name !== 'key' && name !== 'payload');
        expect(headers.sort()).toEqual(expected.map((name) => `sluice.${name}`).sort());
      }),
    );
  });

  const limits = fc.integer({ min: 8_192, max: 60_000 });
  const large = fc
    .record({
      letter: deadLetters,
      size: fc.integer({ min: 0, max: 100_000 }),
      keySize: fc.integer({ min: 0, max: 30_000 }),
      reason: fc.string({ unit: 'binary', minLength: 0, maxLength: 3_000 }),
      count: fc.integer({ min: 1, max: 2_000 }),
    })
    .map(({ letter, size, keySize, reason, count }) => ({
      ...letter,
      reason,
      payload: new Uint8Array(size).fill(7),
      payloadBytes: size,
      key: new Uint8Array(keySize),
      refused: Array.from({ length: count }, (_, itemIndex) => ({ code: letter.code, reason, itemIndex })),
      refusedCount: count,
    }));

  test('fits whatever the topic takes, with the size and the SHA-256 of what was left out', () => {
    fc.assert(
      fc.property(large, limits, (letter, maxBytes) => {
        const record = deadLetterToRecord(letter, maxBytes);
        const sizes = Object.entries(record.headers).map(([name, value]) => Buffer.byteLength(name + value) + 6);
        const bytes = record.value.length + (record.key?.length ?? 0) + sizes.reduce((sum, each) => sum + each, 100);
        expect(bytes).toBeLessThanOrEqual(maxBytes);
        const read = deadLetterFromRecord({ ...record, timestampMs: 0 });
        const isWhole = record.value.length === letter.payload.length && record.key !== null;
        expect(read.payloadSha256).toBe(isWhole ? null : createHash('sha256').update(letter.payload).digest('hex'));
        expect(read).toMatchObject({
          payloadBytes: letter.payload.length,
          refusedCount: letter.refusedCount,
          sourceOffset: letter.sourceOffset,
        });
        expect(read.refused.length).toBeLessThanOrEqual(100);
        expect(Buffer.from(letter.payload).subarray(0, record.value.length).equals(record.value)).toBe(true);
      }),
    );
  });

  test('a letter that was cut stays so when it is written again', () => {
    fc.assert(
      fc.property(large, limits, (letter, maxBytes) => {
        const first = deadLetterFromRecord({ ...deadLetterToRecord(letter, maxBytes), timestampMs: 0 });
        const again = deadLetterFromRecord({ ...deadLetterToRecord(first), timestampMs: 0 });
        expect(again.payloadSha256).toBe(first.payloadSha256);
        expect(again.payloadBytes).toBe(letter.payload.length);
      }),
    );
  });

  test('a record of somebody else has empty facts and the time of the record', () => {
    const letter = deadLetterFromRecord({ key: null, value: null, headers: {}, timestampMs: 7 });
    expect(letter).toMatchObject({
      code: '',
      stage: '',
      itemIndex: null,
      key: null,
      sourceTimeMs: 7,
      payload: new Uint8Array(0),
    });
  });
});
