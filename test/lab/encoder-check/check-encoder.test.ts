import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/system/index.js';
import { configSchema } from '../../../src/config/schema.js';
import { checkEncoder, type EncoderCheck, languagesOf } from '../../../src/lab/encoder-check/check-encoder.js';
import { PAIRS } from '../../../src/lab/encoder-check/pairs.js';

const checked = (model: string, judged: readonly string[]) =>
  checkEncoder({ ...configSchema.parse({}).encoder, model, threads: 1 }, judged, systemClock);

describe('the pairs', () => {
  it('are of twelve languages and of mixed titles, each text once a language', () => {
    expect(Object.keys(PAIRS)).toHaveLength(13);
    for (const triples of Object.values(PAIRS)) {
      expect(triples.length).toBeGreaterThanOrEqual(6);
      expect(new Set(triples.flat()).size).toBe(3 * triples.length);
    }
  });
});

describe('the check of the Chinese encoder', () => {
  let found: EncoderCheck;
  beforeAll(async () => {
    found = await checked('builtin-zh', languagesOf('builtin-zh'));
  });
  const rightCount = (language: string) => found.languages.find((one) => one.language === language)!.rightCount;

  it('Chinese and mixed titles: every right pair is above its wrong pair', () => {
    expect(rightCount('zh')).toBe(PAIRS['zh']!.length);
    expect(rightCount('zh-mixed')).toBe(PAIRS['zh-mixed']!.length);
  });

  it('Japanese titles: all but one, where katakana stands for a native word', () => {
    expect(rightCount('ja')).toBeGreaterThanOrEqual(PAIRS['ja']!.length - 1);
  });

  it('finds no problem, and the same vector in every batch', () => {
    expect(found.problems).toEqual([]);
    expect(found.batchDifference).toBe(0);
    expect(found.textsPerSecond).toBeGreaterThan(0);
    expect(found.dimensions).toBe(512);
  });
});

it('an encoder that is to read what it does not know has each language among its problems', async () => {
  const { problems } = await checked('builtin-en', ['en', 'zh', 'de']);
  expect(problems.filter((problem) => problem.startsWith('zh:'))).toHaveLength(2);
  expect(problems.some((problem) => problem.startsWith('en:'))).toBe(false);
  expect(problems.some((problem) => problem.includes('batch'))).toBe(false);
});
