import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { committedRecords } from '../../../src/adapters/kafka/committed-records.js';
import type { FetchedBatch } from '../../../src/adapters/kafka/record-batch.js';

const data = (offset: number, producerId = '-1'): FetchedBatch => ({
  firstOffset: offset,
  lastOffset: offset,
  producerId,
  isInTransaction: producerId !== '-1',
  isControl: false,
  records: [{ offset, timestampMs: 1_700_000_000_000, key: null, value: Buffer.from(`v${offset}`), headers: {} }],
});
const marker = (offset: number, producerId: string, type: 'abort' | 'commit'): FetchedBatch => ({
  ...data(offset, producerId),
  isControl: true,
  records: [{ ...data(offset).records[0]!, key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]) }],
});
const fetch = (batches: FetchedBatch[], from: number, aborted: [string, number][] = []) =>
  committedRecords(
    {
      batches,
      abortedTransactions: aborted.map(([producerId, offset]) => ({ producerId, firstOffset: String(offset) })),
    },
    from,
  );
const offsets = (batches: FetchedBatch[], from: number, aborted: [string, number][] = []) =>
  fetch(batches, from, aborted).records.map(({ offset }) => offset);

describe('committedRecords', () => {
  test('an aborted transaction is hidden up to its marker, and what the producer commits after is seen', () => {
    const log = [data(0, 'a'), data(1), marker(2, 'a', 'abort'), data(3, 'a'), marker(4, 'a', 'commit')];
    expect(offsets(log, 0, [['a', 0]])).toEqual([1, 3]);
  });

  test('overlapping aborted transactions are hidden, whatever order the broker lists them in', () => {
    const log = [data(0, 'a'), data(1, 'b'), data(2, 'a'), marker(3, 'b', 'abort'), marker(4, 'a', 'abort')];
    expect(
      offsets(log, 0, [
        ['b', 1],
        ['a', 0],
      ]),
    ).toEqual([]);
  });

  test('a fetch that begins inside two aborted transactions hides both', () => {
    expect(
      offsets([data(10, 'b'), data(11, 'a'), marker(12, 'a', 'abort'), data(13, 'b')], 10, [
        ['a', 5],
        ['b', 6],
      ]),
    ).toEqual([]);
  });

  test('a record whose key looks like an abort marker ends nothing', () => {
    const odd = { ...data(1, 'a'), records: [{ ...data(1).records[0]!, key: Buffer.from([0, 0, 0, 0]) }] };
    expect(offsets([data(0, 'a'), odd, data(2, 'a'), marker(3, 'a', 'abort')], 0, [['a', 0]])).toEqual([]);
  });

  test('the next fetch begins past control records and past a compacted end of a batch', () => {
    expect(fetch([data(0, 'a'), marker(1, 'a', 'commit')], 0).nextOffset).toBe(2);
    const compacted = { ...data(5), firstOffset: 4, lastOffset: 10 };
    expect(fetch([compacted], 4).nextOffset).toBe(11);
    expect(fetch([{ ...compacted, records: [] }], 4)).toEqual({ records: [], nextOffset: 11 });
    expect(fetch([], 7)).toEqual({ records: [], nextOffset: 7 });
  });

  test('records before the asked offset, as compressed batches bring them, are left out', () => {
    const whole = { ...data(3), lastOffset: 5, records: [3, 4, 5].flatMap((offset) => data(offset).records) };
    expect(offsets([whole], 5)).toEqual([5]);
  });

  test('a committed reader sees exactly the committed records, however the log is cut into fetches', () => {
    const steps = fc.array(
      fc.record({
        producer: fc.constantFrom('a', 'b', 'c'),
        act: fc.constantFrom('write', 'write', 'abort', 'commit'),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 40, maxLength: 40 }), (script, cuts) => {
        const { log, aborted, committed } = play(script);
        const seen: number[] = [];
        let position = 0;
        for (const cut of cuts) {
          const part = log.slice(position, position + cut);
          const end = position + part.length;
          const overlapping = aborted
            .filter(({ first, last }) => first < end && last >= position)
            .sort((x, y) => x.last - y.last);
          const fetched = fetch(
            part,
            position,
            overlapping.map(({ producer, first }) => [producer, first]),
          );
          seen.push(...fetched.records.map(({ offset }) => offset));
          position = fetched.nextOffset;
        }
        expect(seen).toEqual(committed.filter((offset) => offset < position));
      }),
    );
  });
});

/** Writes a log as a broker would, every transaction ended. */
function play(script: readonly { producer: string; act: string }[]) {
  const log: FetchedBatch[] = [];
  const aborted: { producer: string; first: number; last: number }[] = [];
  const committed: number[] = [];
  const open = new Map<string, number[]>();
  const end = (producer: string, type: 'abort' | 'commit') => {
    const written = open.get(producer);
    if (written === undefined) return;
    open.delete(producer);
    if (type === 'abort') aborted.push({ producer, first: written[0]!, last: log.length });
    else committed.push(...written);
    log.push(marker(log.length, producer, type));
  };
  for (const { producer, act } of script) {
    if (act !== 'write') end(producer, act as 'abort' | 'commit');
    else {
      open.set(producer, [...(open.get(producer) ?? []), log.length]);
      log.push(data(log.length, producer));
    }
  }
  for (const producer of [...open.keys()]) end(producer, 'commit');
  return { log, aborted, committed: committed.sort((a, b) => a - b) };
}
