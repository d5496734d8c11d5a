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
        const headers = Object.keys(deadLetterToRecord({ ...letter, itemIndex: 0 }).headers);
        const expected = fields.map(({ name }) => name).filter((name) => name !== 'key' && name !== 'payload');
        expect(headers.sort()).toEqual(expected.map((name) => `sluice.${name}`).sort());
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
