import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openNetwork } from '../../../../../src/adapters/onnx/encoder/network.js';
import { poolTokens } from '../../../../../src/adapters/onnx/encoder/pooling.js';
import { openSummingNetwork } from '../../../../../src/adapters/onnx/encoder/webgpu/summing-network.js';
import { smallNetwork } from '../small-network.js';

const ROWS = 3;
const TOKENS = 5;
const COUNTS = [5, 1, 3];

it('a network that sums at its end gives the sums of the token vectors that it gives without', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-summing-'));
  try {
    const path = join(folder, 'small.onnx');
    await writeFile(path, smallNetwork());
    const ids = BigInt64Array.from({ length: ROWS * TOKENS }, (_, at) => BigInt(1_000 + 37 * at));
    const counted = (at: number) => at % TOKENS < COUNTS[Math.floor(at / TOKENS)]!;
    const mask = BigInt64Array.from(ids, (_, at) => (counted(at) ? 1n : 0n));
    const batch = { rows: ROWS, tokens: TOKENS, ids, mask };
    const network = await openNetwork(path);
    const { values, dimensions } = await network.run(batch);
    const summing = await openSummingNetwork(path, network.output, {});
    const { sums, dimensions: width } = await summing.run({ ...batch, weights: Float32Array.from(mask, Number) });
    await Promise.all([network.dispose(), summing.dispose()]);
    expect(width).toBe(dimensions);
    for (const [row, count] of COUNTS.entries()) {
      const start = row * TOKENS * dimensions;
      const sum = new Float64Array(dimensions);
      poolTokens(values.subarray(start, start + count * dimensions), count, 'mean', sum);
      for (const [column, value] of sum.entries()) expect(sums[row * dimensions + column]).toBeCloseTo(value, 4);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
