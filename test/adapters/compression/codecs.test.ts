import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  BATCH_CODECS,
  UnpacksTooLarge,
  type BatchCodec,
  type CodecName,
} from '../../../src/adapters/compression/index.js';
import { codecOf } from '../../../src/adapters/compression/zstd.js';

const NAMES = Object.keys(BATCH_CODECS) as CodecName[];
const LIMIT = 1_000_000;

const packable = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 300 })), { maxLength: 40 })
  .map((runs) => Buffer.concat(runs.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))));

const same = async (codec: BatchCodec, bytes: Uint8Array): Promise<void> => {
  const packed = await codec.compress(bytes);
  const unpacked = await codec.decompress(packed, Math.max(1, bytes.length));
  expect(Buffer.compare(unpacked, bytes)).toBe(0);
};

/** zstd also as Node before 22.15 has it, wherever the tests run. */
const CODECS: readonly (readonly [string, BatchCodec])[] = [
  ...NAMES.map((name) => [name, BATCH_CODECS[name]] as const),
  ['zstd without the one of Node', codecOf({})],
];

describe.each(CODECS)('%s', (_, codec) => {
  test('what is packed unpacks to the same bytes, at a limit of just their number', async () => {
    await fc.assert(
      fc.asyncProperty(packable, (bytes) => same(codec, bytes)),
      { numRuns: 60 },
    );
    for (const length of [0, 1, 5, 12, 13, 65_535, 65_536, 65_537, 400_000]) {
      await same(codec, randomBytes(length));
      await same(codec, Buffer.alloc(length, 'abc'));
    }
  });

  test('what is repetitive becomes small', async () => {
    expect((await codec.compress(Buffer.alloc(200_000, 'sessions '))).length).toBeLessThan(20_000);
  });

  test('what would unpack to more than the limit is given up as such', async () => {
    const packed = await codec.compress(Buffer.alloc(LIMIT + 1));
    await expect(codec.decompress(packed, LIMIT)).rejects.toBeInstanceOf(UnpacksTooLarge);
  });

  test('damaged bytes are an error or other bytes within the limit, never more and never endless', async () => {
    const packed = await codec.compress(Buffer.from('a session and a session and another '.repeat(400)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(packed.length),
        async (flips, end) => {
          const damaged = Uint8Array.from(packed);
          for (const [at, byte] of flips) damaged[at] = byte;
          const outcome = await codec.decompress(damaged.subarray(0, end), LIMIT).catch((error: unknown) => error);
          if (outcome instanceof Uint8Array) expect(outcome.length).toBeLessThanOrEqual(LIMIT);
          else expect(outcome).toBeInstanceOf(Error);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a zstd frame whose window is larger than what it holds is read at a limit of just that', async () => {
  // As a writer makes it that does not know the size in advance: window of 2 MiB, one block of ten times the same byte.
  const frame = Buffer.from('28b52ffd005853000061', 'hex');
  expect(String(await codecOf({}).decompress(frame, 10))).toBe('aaaaaaaaaa');
});
