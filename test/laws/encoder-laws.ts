import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Encoder } from '../../src/ports/encoder.js';

/** Texts of every script and every oddity that has broken a tokenizer somewhere. */
const DIFFICULT_TEXTS: readonly string[] = [
  '', ' ', '\u0000', '\t\r\n', '\uFEFF', '\uFFFD', 'a', '.', '[CLS] [SEP] [MASK] [PAD] [UNK]', '##ing', '&amp; &#39;',
  'hotel near the beach', 'HOTEL NEAR THE BEACH', 'naïve café Ångström', 'nai\u0308ve cafe\u0301', 'ß ﬁ ŉ İstanbul',
  '東京のホテル', '北京烤鸭', '서울 호텔', 'فندق في القاهرة', 'مَرْحَبًا', 'מלון בתל אביב', 'होटल दिल्ली', 'โรงแรมกรุงเทพ', 'отель у моря', 'ξενοδοχείο',
  '👍', '👩‍👩‍👧‍👦 family', '🇩🇪🇫🇷', '👍🏽', '\uD83D', '\uDC4D', 'a\uD83Db', '\uDC4D\uD83D', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢', '𠜎𠜱', 'a\u0301\u0302\u0303\u0304', 'zero\u200Bwidth', '\u202Eright to left',
  '1234567890', '€ 12,50', '-40 % !!!', 'x'.repeat(300), 'http://example.org/a?b=c&d=%20', '\n\nlines\n\nof\ntext\n',
]; // prettier-ignore

export interface EncoderLawsOptions {
  /** Length of the "very long text", characters. */
  readonly longCharacters?: number;
  readonly runs?: number;
}

/**
 * What every encoder holds to: a text's vector depends on the text alone, is of unit length, and exists for every text.
 * @param make opens a fresh encoder; called several times, each closed by the suite
 */
export function encoderLaws(name: string, make: () => Promise<Encoder>, options: EncoderLawsOptions = {}): void {
  const { longCharacters = 100_000, runs = 15 } = options;

  describe(`${name} holds the laws of encoders`, () => {
    let encoder: Encoder;
    /** Each difficult text's vector, from a call of its own. */
    let alone: Map<string, Float32Array>;

    beforeAll(async () => {
      encoder = await make();
      alone = new Map();
      for (const text of DIFFICULT_TEXTS) alone.set(text, await one(encoder, text));
    });
    afterAll(async () => {
      await encoder.close();
    });

    it('a text has the same vector alone and in any batch, in any order, beside any neighbours', async () => {
      const text = fc.oneof(fc.constantFrom(...DIFFICULT_TEXTS), fc.string({ unit: 'binary', maxLength: 40 }));
      await fc.assert(
        fc.asyncProperty(fc.array(text, { maxLength: 24 }), async (texts) => {
          const batch = await encoder.encode(texts);
          expect(batch).toHaveLength(texts.length);
          for (const [index, given] of texts.entries()) {
            expect(batch[index], JSON.stringify(given)).toEqual(alone.get(given) ?? (await one(encoder, given)));
          }
        }),
        { numRuns: runs },
      );
    });

    it('a text has the same vector after a restart', async () => {
      const again = await make();
      try {
        const vectors = await again.encode([...DIFFICULT_TEXTS].reverse());
        [...DIFFICULT_TEXTS].reverse().forEach((text, index) => expect(vectors[index]).toEqual(alone.get(text)));
        expect(again.encoderId).toBe(encoder.encoderId);
      } finally {
        await again.close();
      }
    });

    it('a text has the same vector from whichever worker and whatever runs beside it', async () => {
      const neighbours = (round: number) => DIFFICULT_TEXTS.map((text) => `${text} ${round}`);
      const calls = Array.from({ length: 6 }, (_, round) =>
        round % 2 === 0 ? encoder.encode(DIFFICULT_TEXTS) : encoder.encode(neighbours(round)),
      );
      const answers = await Promise.all(calls);
      for (const round of [0, 2, 4]) expect(answers[round]).toEqual(DIFFICULT_TEXTS.map((text) => alone.get(text)));
      expect(answers[1]).not.toEqual(answers[3]);
    });

    it('a text twice in a batch has its vector twice', async () => {
      const [first, other, second] = await encoder.encode(['red shoes', 'blue shoes', 'red shoes']);
      expect(second).toEqual(first);
      expect(other).not.toEqual(first);
    });

    it('every vector has the declared dimensions and unit length', async () => {
      for (const [text, vector] of alone) {
        expect(vector, JSON.stringify(text)).toHaveLength(encoder.dimensions);
        expect(Math.hypot(...vector), JSON.stringify(text)).toBeCloseTo(1, 5);
      }
    });

    it('no texts give no vectors', async () => {
      expect(await encoder.encode([])).toEqual([]);
    });

    it('a very long text has a vector, and leaves its neighbours alone', async () => {
      const long = 'all work and no play makes jack a dull boy '.repeat(Math.ceil(longCharacters / 43));
      const [before, of, after] = await encoder.encode(['hotel near the beach', long, '東京のホテル']);
      expect(before).toEqual(alone.get('hotel near the beach'));
      expect(after).toEqual(alone.get('東京のホテル'));
      expect(Math.hypot(...of!)).toBeCloseTo(1, 5);
    });

    it('a lone surrogate counts as the replacement character that UTF-8 would carry', async () => {
      expect(alone.get('\uD83D')).toEqual(alone.get('\uFFFD'));
      expect(alone.get('a\uD83Db')).toEqual(await one(encoder, 'a\uFFFDb'));
    });

    it('texts that say nearly the same are closer than texts that do not', async () => {
      const [shoe, shoes, flight] = await encoder.encode([
        'red running shoes',
        'running shoes in red',
        'cheap flight to Rome',
      ]);
      expect(dot(shoe!, shoes!)).toBeGreaterThan(dot(shoe!, flight!) + 0.2);
    });

    it('closing twice is fine, and encoding after it rejects', async () => {
      const closing = await make();
      await closing.close();
      await closing.close();
      await expect(closing.encode(['late'])).rejects.toMatchObject({ name: 'AbortError' });
    });
  });
}

async function one(encoder: Encoder, text: string): Promise<Float32Array> {
  const [vector] = await encoder.encode([text]);
  return vector!;
}

/** Scalar product; the cosine of unit vectors. */
export function dot(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}
