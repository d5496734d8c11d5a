import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../src/errors.js';
import type { Codec } from '../../src/ports/codec.js';

/**
 * A record with what no wire format promises to tell apart made equal: an absent field and null, −0 and 0, and the order
 * of keys (by which `toEqual` does not judge anyway). Typed arrays become arrays.
 */
export function canonical(value: unknown): unknown {
  if (typeof value === 'number') return value + 0;
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, canonical);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return new Map(present.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => [name, canonical(one)]));
}

/** Decodes as the pipeline does: what is missing is fetched first. */
export async function decodeFetched<T>(codec: Codec<T>, value: Uint8Array): Promise<T> {
  await codec.prepare([value]);
  return codec.decode(value);
}

/** Laws of every codec of every topic. `make` gives a codec that is ready to encode. */
export function codecLaws<T extends object>(
  name: string,
  make: () => Promise<Codec<T>> | Codec<T>,
  records: fc.Arbitrary<T>,
): void {
  describe(name, () => {
    test('what was encoded decodes to the same record', async () => {
      const codec = await make();
      await fc.assert(
        fc.asyncProperty(records, async (record) => {
          expect(canonical(await decodeFetched(codec, codec.encode(record)))).toEqual(canonical(record));
        }),
      );
    });

    test('the order of keys in a record changes no byte of meaning', async () => {
      const codec = await make();
      await fc.assert(
        fc.asyncProperty(records, async (record) => {
          const turned = Object.fromEntries(Object.entries(record).reverse()) as T;
          expect(canonical(await decodeFetched(codec, codec.encode(turned)))).toEqual(canonical(record));
        }),
      );
    });

    test('encoding the same record twice gives the same bytes, and keeps none of them', async () => {
      const codec = await make();
      await fc.assert(
        fc.asyncProperty(records, records, (record, other) => {
          const first = codec.encode(record);
          const copy = Uint8Array.from(first);
          codec.encode(other);
          expect(first).toEqual(Buffer.from(copy));
          expect(codec.encode(record)).toEqual(first);
          return Promise.resolve();
        }),
      );
    });

    test('garbage is never more than an error of class data', async () => {
      const codec = await make();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), (value) => expectDataErrorAtMost(codec, value)),
      );
    });

    test('a record cut short, prolonged or with a byte changed is never more than an error of class data', async () => {
      const codec = await make();
      await fc.assert(
        fc.asyncProperty(records, fc.nat(), fc.integer({ min: 1, max: 255 }), async (record, where, flip) => {
          const whole = codec.encode(record);
          const at = where % whole.byteLength;
          const changed = Uint8Array.from(whole);
          changed[at] = changed[at]! ^ flip;
          await expectDataErrorAtMost(codec, changed);
          await expectUndecodable(codec, whole.subarray(0, at));
          await expectUndecodable(codec, Buffer.concat([whole, Uint8Array.of(flip)]), isJsonSpace(codec, flip));
        }),
      );
    });
  });
}

/** Decodes and swallows an error of class data; anything else thrown fails the test. */
async function expectDataErrorAtMost(codec: Codec<unknown>, value: Uint8Array): Promise<void> {
  try {
    await decodeFetched(codec, value);
  } catch (error) {
    expect(error).toBeInstanceOf(SluiceError);
    expect((error as SluiceError).class).toBe('data');
  }
}

async function expectUndecodable(codec: Codec<unknown>, value: Uint8Array, exempt = false): Promise<void> {
  if (exempt) return;
  await expect(decodeFetched(codec, value)).rejects.toMatchObject({ code: 'undecodable' });
}

/** JSON allows white space after a record. */
function isJsonSpace(codec: Codec<unknown>, byte: number): boolean {
  return codec.format === 'json' && [0x20, 0x09, 0x0a, 0x0d].includes(byte);
}
