import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placement, refuseUnwritten, rounds } from '../../../src/adapters/kafka/rounds.js';
import { partitionOf } from '../../../src/events/partition.js';
import type { NewRecord } from '../../../src/ports/transport.js';

const record = (fields: Partial<NewRecord>): NewRecord => ({ topic: 'training', key: null, value: null, ...fields });

describe('placement', () => {
  test('a partition given wins over the key, the key over turns, and turns are even', () => {
    const place = placement(() => 3);
    const key = Buffer.from('k');
    expect(place(record({ key, partition: 2 }))).toBe(2);
    expect(place(record({ key }))).toBe(partitionOf(key, 3));
    expect(Array.from({ length: 6 }, () => place(record({})))).toEqual([0, 1, 2, 0, 1, 2]);
  });

  test('a partition that does not exist is refused, since kafkajs would drop the record', () => {
    expect(() => placement(() => 2)(record({ partition: 2 }))).toThrow(expect.objectContaining({ code: 'bug' }));
  });
});

describe('rounds', () => {
  const records = fc.array(
    fc.record({
      topic: fc.constantFrom('training' as const, 'audit' as const),
      partition: fc.integer({ min: 0, max: 2 }),
      size: fc.integer({ min: 0, max: 400 }),
    }),
    { maxLength: 60 },
  );

  test('keep every record once, in order within its topic partition, and no batch over the bound unless it is one record', () => {
    fc.assert(
      fc.property(records, (given) => {
        const input = given.map(({ topic, partition, size }, index) =>
          record({ topic, partition, key: Buffer.from(`${index}`), value: Buffer.alloc(size) }),
        );
        const out = rounds(
          input,
          placement(() => 3),
          (role) => role,
          () => 500,
          1_200,
          7,
        );
        const seen = new Map<string, string[]>();
        for (const round of out) {
          const bytes = new Map<string, { bytes: number; count: number }>();
          for (const { topic, messages } of round) {
            for (const { partition, key, value } of messages) {
              const batch = `${topic}|${partition}`;
              seen.set(batch, [...(seen.get(batch) ?? []), String(key)]);
              const sum = bytes.get(batch) ?? { bytes: 0, count: 0 };
              bytes.set(batch, { bytes: sum.bytes + (value as Buffer).length, count: sum.count + 1 });
            }
          }
          for (const batch of bytes.values())
            expect(batch.count === 1 || (batch.bytes <= 500 && batch.count <= 7)).toBe(true);
        }
        const expected = new Map<string, string[]>();
        for (const { topic, partition, key } of input)
          expected.set(`${topic}|${partition}`, [...(expected.get(`${topic}|${partition}`) ?? []), String(key)]);
        expect(seen).toEqual(expected);
      }),
    );
  });

  test('views into larger buffers are sent as their own bytes', () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    const out = rounds(
      [record({ value: whole.subarray(1, 3), partition: 0 })],
      placement(() => 1),
      (role) => role,
    );
    expect([...(out[0]![0]!.messages[0]!.value as Buffer)]).toEqual([2, 3]);
  });
});

describe('an answer to a produce request', () => {
  const sent = [
    {
      topic: 't',
      messages: [
        { value: null, partition: 0 },
        { value: null, partition: 5 },
      ],
    },
  ];

  test('that does not speak of a partition is a failure: kafkajs leaves out what it does not know of', () => {
    const answered = { topicName: 't', partition: 0 };
    expect(() => refuseUnwritten(sent, [answered])).toThrow('records for partition 5 of t were not written');
    expect(() => refuseUnwritten(sent, [answered, { topicName: 't', partition: 5 }])).not.toThrow();
  });
});
