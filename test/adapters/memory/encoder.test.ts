import { describe, expect, it } from 'vitest';
import { MemoryEncoder } from '../../../src/adapters/memory/encoder.js';
import { encoderLaws } from '../../laws/encoder-laws.js';

encoderLaws('the memory encoder', () => Promise.resolve(new MemoryEncoder(32)));

describe('memory encoder', () => {
  it('fails when told to, and records what it encoded', async () => {
    const encoder = new MemoryEncoder();
    await encoder.encode(['a', 'b', 'a']);
    encoder.failing = true;
    await expect(encoder.encode(['c'])).rejects.toMatchObject({ code: 'encoder-failed' });
    expect(encoder.encoded).toEqual(['a', 'b', 'a']);
  });
});
