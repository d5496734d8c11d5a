import { describe, expect, it } from 'vitest';
import { createHash32 } from '../../src/adapters/xxhash/index.js';
import type { TrainingSample } from '../../src/events/words.js';
import { SharedIds } from '../../src/learn/shared-ids.js';

const sample = (sampleId: string, sessionPseudonym: string): TrainingSample =>
  ({ sampleId, sessionPseudonym, pseudonymKeyId: 'key' }) as TrainingSample;

describe('sample ids of two sessions', async () => {
  const hash = await createHash32();

  it('are told; the same sample again is not one', () => {
    const ids = new SharedIds(hash);
    expect(ids.isShared(sample('r#1', 'a'))).toBe(false);
    expect(ids.isShared(sample('r#1', 'a'))).toBe(false);
    expect(ids.isShared(sample('r#2', 'b'))).toBe(false);
    expect(ids.isShared(sample('r#1', 'b'))).toBe(true);
  });

  it('are forgotten, the oldest first, beyond the bound', () => {
    const ids = new SharedIds(hash, 2);
    for (const id of ['r#1', 'r#2', 'r#3']) ids.isShared(sample(id, 'a'));
    expect([ids.isShared(sample('r#3', 'b')), ids.isShared(sample('r#1', 'b'))]).toEqual([true, false]);
  });
});
