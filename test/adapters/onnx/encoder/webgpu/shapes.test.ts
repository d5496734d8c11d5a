import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encoderIdOf } from '../../../../../src/adapters/onnx/encoder/encoder-id.js';
import { shapeIndexOf, shapesFor, shapesId } from '../../../../../src/adapters/onnx/encoder/webgpu/shapes.js';
import { encoderSettings } from '../settings.js';

describe('batch shapes', () => {
  it('are four for texts of up to 64 tokens', () => {
    expect(shapesFor(64)).toEqual([
      { rows: 512, tokens: 8 },
      { rows: 512, tokens: 16 },
      { rows: 256, tokens: 32 },
      { rows: 128, tokens: 64 },
    ]);
  });

  it('hold every text up to the maximum length, in the shortest that does, at whole multiples of eight tokens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 2000 }), fc.nat(), (maxTokens, draw) => {
        const shapes = shapesFor(maxTokens);
        const tokenCount = 1 + (draw % maxTokens);
        const index = shapeIndexOf(shapes, tokenCount);
        expect(shapes[index]!.tokens).toBeGreaterThanOrEqual(tokenCount);
        if (index > 0) expect(shapes[index - 1]!.tokens).toBeLessThan(tokenCount);
        expect(shapes.at(-1)!.tokens - maxTokens).toBeLessThan(8);
        for (const { rows, tokens } of shapes) {
          expect(rows).toBeGreaterThan(0);
          expect(tokens % 8).toBe(0);
        }
      }),
    );
  });

  it('refuse a text that none of them holds', () => {
    expect(() => shapeIndexOf(shapesFor(16), 17)).toThrow(RangeError);
  });

  it('are named by what they are: another row count is another id', () => {
    expect(shapesId(shapesFor(64))).toMatch(/^[0-9a-f]{6}$/);
    expect(shapesId([{ rows: 512, tokens: 8 }])).not.toBe(shapesId([{ rows: 256, tokens: 8 }]));
  });
});

describe('the encoder id', () => {
  const files = {
    model: { path: 'model.onnx', sha256: 'a'.repeat(64) },
    tokenizer: { path: 'tokenizer.json', sha256: 'b'.repeat(64) },
  };

  it('differs between devices, and fits 64 characters with everything in it', () => {
    const cpu = encoderIdOf(files, encoderSettings());
    const webgpu = encoderIdOf(files, encoderSettings({ device: 'webgpu' }));
    expect(cpu).toBe('aaaaaaaaaaaa-bbbbbbbb-mean-128');
    expect(webgpu.startsWith(`${cpu}-webgpu.`)).toBe(true);
    const longest = encoderIdOf(
      files,
      encoderSettings({ device: 'webgpu', textForm: 'nfkc', prefix: 'passage: ', maxTokens: 8192 }),
    );
    expect(longest.length).toBeLessThanOrEqual(64);
  });
});
