import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUILT_IN, BUILT_IN_NAMES, builtInPath } from '../../../../src/adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../../../src/adapters/onnx/encoder/index.js';
import { openTokenizer } from '../../../../src/adapters/onnx/encoder/tokenize.js';
import { silentLogger } from '../../../../src/adapters/memory/index.js';
import type { Encoder } from '../../../../src/ports/encoder.js';
import { dot } from '../../../laws/encoder-laws.js';
import { rankCorrelation, readReferences } from './references.js';
import { encoderSettings } from './settings.js';

const LEAST_REFERENCES = { 'builtin-en': 200, 'builtin-zh': 100 } as const;

describe.each(BUILT_IN_NAMES)('%s against its float32 network in Python', (name) => {
  const file = readReferences(name);
  const { references } = file;
  let encoder: Encoder;
  let ours: readonly Float32Array[];
  const theirs = references.map((reference) => Float32Array.from(reference.vector));

  beforeAll(async () => {
    // The references are of the texts as they are; what the form of a text changes has tests of its own.
    const settings = encoderSettings({ model: name, maxTokens: file.maxTokens, textForm: 'as-is' });
    encoder = await openEncoder(settings, { logger: silentLogger });
    ours = await encoder.encode(references.map((reference) => reference.text));
  });
  afterAll(() => encoder.close());

  const cosinesToReferences = () => references.map((_, index) => dot(ours[index]!, theirs[index]!));

  it('there are references of many kinds, made with the tokenizer that ships and pooled as the model is', () => {
    expect(references.length).toBeGreaterThanOrEqual(LEAST_REFERENCES[name]);
    expect(references.filter(({ ids }) => ids.length === file.maxTokens).length).toBeGreaterThanOrEqual(2);
    const sha256 = createHash('sha256')
      .update(readFileSync(builtInPath(name, 'tokenizer')))
      .digest('hex');
    expect(file.tokenizer.sha256).toBe(sha256);
    expect(file.pooling).toBe(BUILT_IN[name].pooling);
  });

  it('every text has the token ids of the reference tokenizer, cut where it cuts', () => {
    const tokenize = openTokenizer(builtInPath(name, 'tokenizer'), file.maxTokens);
    for (const { text, ids } of references) expect(tokenize(text), JSON.stringify(text)).toEqual(ids);
  });

  it('vectors lie close to their references: cosine .985 in the mean', () => {
    const cosines = cosinesToReferences();
    expect(cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length).toBeGreaterThanOrEqual(0.985);
  });

  it('no text lies further from its reference than cosine .97', () => {
    const cosines = cosinesToReferences();
    const least = Math.min(...cosines);
    expect(least, `least for ${JSON.stringify(references[cosines.indexOf(least)]!.text)}`).toBeGreaterThanOrEqual(0.97);
  });

  it('pairs of texts rank by similarity as the references rank them: correlation .97', () => {
    expect(rankCorrelation(pairSimilarities(ours), pairSimilarities(theirs))).toBeGreaterThanOrEqual(0.97);
  });
});

/** Cosines of all pairs of unit vectors, in a fixed order. */
function pairSimilarities(vectors: readonly Float32Array[]): number[] {
  return vectors.flatMap((left, index) => vectors.slice(index + 1).map((right) => dot(left, right)));
}
