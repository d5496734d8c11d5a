import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buffersOf,
  packNew,
  packRead,
  packTopics,
  unpackNew,
  unpackRead,
  unpackTopics,
} from '../../../src/app/threads/packed.js';
import type { LogRecord, NewRecord, ReadRecord } from '../../../src/ports/transport.js';

const bytes = fc.option(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  { nil: null },
);
const headers = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 5 }).filter((name) => name !== '__proto__'),
  fc.string({ maxLength: 5 }),
  { maxKeys: 2, noNullPrototype: true },
);
const read: fc.Arbitrary<LogRecord> = fc.record(
  {
    offset: fc.maxSafeNat(),
    key: bytes,
    value: bytes,
    timestampMs: fc.maxSafeNat(),
    headers,
    unreadable: fc.constant({
      code: 'batch-damaged' as const,
      reason: 'r',
      packedBytes: 7,
      packedSha256: 'ab',
    }),
  },
  { requiredKeys: ['offset', 'key', 'value', 'timestampMs', 'headers'] },
);
const topics: fc.Arbitrary<ReadRecord> = fc
  .tuple(read, fc.constantFrom('checkpoints' as const, 'dead-letters' as const), fc.nat(9_999))
  .map(([record, topic, partition]) => ({ ...record, topic, partition }));
const written: fc.Arbitrary<NewRecord> = fc.record(
  {
    topic: fc.constantFrom('training' as const, 'audit' as const, 'checkpoints' as const),
    key: bytes,
    value: bytes,
    partition: fc.nat(9_999),
    headers,
  },
  { requiredKeys: ['topic', 'key', 'value'] },
);
/** Headers that are empty and headers that are absent say the same. */
const plain = (record: NewRecord) => ({ ...record, headers: record.headers ?? {} });

describe('records on their way to another thread', () => {
  it('that were read arrive as they were', () => {
    fc.assert(
      fc.property(fc.array(read, { maxLength: 8 }), (records) => {
        const packed = packRead(records);
        const sent = structuredClone(packed, { transfer: buffersOf(packed) });
        expect(unpackRead(sent)).toEqual(records);
      }),
    );
  });

  it('of several topics arrive as they were', () => {
    fc.assert(
      fc.property(fc.array(topics, { maxLength: 8 }), (records) => {
        const packed = packTopics(records);
        expect(unpackTopics(structuredClone(packed, { transfer: buffersOf(packed) }))).toEqual(records);
      }),
    );
  });

  it('that are to be written arrive as they were', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 8 }), (records) => {
        const packed = packNew(records);
        const sent = structuredClone(packed, { transfer: buffersOf(packed) });
        expect(unpackNew(sent).map(plain)).toEqual(records.map(plain));
      }),
    );
  });
});
