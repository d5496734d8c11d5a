import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { BATCH_CODECS, type CodecName } from '../../../src/adapters/compression/index.js';
import { batchLength, fetchedBatch, MAX_UNPACKED_BATCH_BYTES } from '../../../src/adapters/kafka/record-batch.js';
import { batchAround, FIXTURE_VALUES, segment } from './batch-fixtures.js';

const NAMES = Object.keys(BATCH_CODECS) as CodecName[];
const MAKERS = ['librdkafka', 'java'] as const;
const numberOf = (name: CodecName): number => ['none', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(name);

describe.each(MAKERS)('batches of %s', (maker) => {
  test.each(NAMES)('packed by %s are read whole: offsets, keys, values, times and headers', async (name) => {
    const log = segment(maker, name);
    const found = [];
    let at = 0;
    for (let length = batchLength(log, at); length !== undefined; length = batchLength(log, at)) {
      const { batch, unpackedBytes } = await fetchedBatch(log.subarray(at, at + length));
      expect(unpackedBytes).toBeGreaterThan(0);
      found.push(...batch.records);
      at += length;
    }
    expect(at).toBe(log.length);
    expect(found.map(({ key, value, ...rest }) => ({ key: String(key), value: String(value), ...rest }))).toEqual(
      FIXTURE_VALUES.map((value, n) => ({
        offset: n,
        key: `key-${n}`,
        value,
        timestampMs: 1_700_000_000_000 + n,
        headers: { trace: `t${n}` },
      })),
    );
  });

  test.each(NAMES)(
    'packed by %s and damaged never reject: some records, or one unreadable at the end',
    async (name) => {
      const log = segment(maker, name);
      const length = batchLength(log, 0)!;
      const bytes = fc.array(fc.tuple(fc.integer({ min: 57, max: length - 1 }), fc.nat(255)), { minLength: 1 });
      await fc.assert(
        fc.asyncProperty(bytes, async (flips) => {
          const damaged = Buffer.from(log.subarray(0, length));
          for (const [at, byte] of flips) damaged[at] = byte;
          const { records, lastOffset } = (await fetchedBatch(damaged, 1_000_000)).batch;
          const unreadable = records.filter((record) => record.unreadable !== undefined);
          expect(unreadable.length).toBeLessThanOrEqual(1);
          if (unreadable.length === 1) {
            expect(records.length).toBe(1);
            expect(records[0]!.offset).toBe(lastOffset);
          }
        }),
        { numRuns: 100 },
      );
    },
  );
});

describe('a batch that unpacks to more than the limit', () => {
  test.each(NAMES)('by %s becomes one unreadable record at its last offset, with size and checksum', async (name) => {
    const packed = await BATCH_CODECS[name].compress(Buffer.alloc(2_000_000));
    const { batch } = await fetchedBatch(batchAround(packed, numberOf(name), 3, 70), 1_000_000);
    expect(batch).toMatchObject({ firstOffset: 70, lastOffset: 72 });
    expect(batch.records).toMatchObject([
      {
        offset: 72,
        key: null,
        value: Buffer.from(packed).subarray(0, 1_024),
        unreadable: {
          code: 'batch-too-large',
          packedBytes: packed.length,
          packedSha256: createHash('sha256').update(packed).digest('hex'),
        },
      },
    ]);
    expect(batch.records[0]!.unreadable!.reason).toContain('offsets 70 to 72');
  });

  test('includes one of more records than memory has room for, whatever its bytes', async () => {
    const { batch } = await fetchedBatch(batchAround(Buffer.alloc(0), 0, MAX_UNPACKED_BATCH_BYTES / 60));
    expect(batch.records).toMatchObject([{ unreadable: { code: 'batch-too-large' } }]);
  });

  test('by zstd includes a frame that asks for a window of two gigabytes', async () => {
    const frame = Buffer.from('28b52ffd00a8010000', 'hex');
    const { batch } = await fetchedBatch(batchAround(frame, 4));
    expect(batch.records).toMatchObject([{ unreadable: { code: 'batch-too-large' } }]);
  });
});

test('a codec that Kafka does not have is damage, not an end of the stream', async () => {
  const { batch } = await fetchedBatch(batchAround(Buffer.from('x'), 5));
  expect(batch.records).toMatchObject([{ unreadable: { code: 'batch-damaged' } }]);
});

test('a header without a value is as good as absent, and of a repeated one the last counts', async () => {
  const varint = (value: number): number => value * 2;
  const headers = ['a=1', 'a=2', 'b=3', 'gone=1', 'gone', '__proto__=x'].flatMap((each) => {
    const [name, value] = each.split('=') as [string, string?];
    const text = [varint(name.length), ...Buffer.from(name)];
    return value === undefined ? [...text, 1] : [...text, varint(value.length), ...Buffer.from(value)];
  });
  const body = [0, 0, 0, 1, 1, varint(6), ...headers];
  const { batch } = await fetchedBatch(batchAround(Buffer.from([varint(body.length), ...body]), 0));
  expect(batch.records).toEqual([{ offset: 0, key: null, value: null, timestampMs: 0, headers: { a: '2', b: '3' } }]);
});
