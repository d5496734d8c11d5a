import { describe, expect, it } from 'vitest';
import type { TokenLists } from '../../../../../src/adapters/onnx/encoder/protocol.js';
import { ShapeQueues } from '../../../../../src/adapters/onnx/encoder/webgpu/shape-queues.js';

const SHAPES = [
  { rows: 4, tokens: 8 },
  { rows: 2, tokens: 16 },
];

/** Queues over a device that answers each text with its ids' sum and count; at most two requests are with it. */
function queuesOf() {
  const requests: { shapeIndex: number; texts: number }[] = [];
  let working = 0;
  const state = { failing: false };
  const queues = new ShapeQueues(SHAPES, async (shapeIndex, { ids, counts }: TokenLists) => {
    expect(++working).toBeLessThanOrEqual(2);
    requests.push({ shapeIndex, texts: counts.length });
    await new Promise((resolve) => setImmediate(resolve));
    working--;
    if (state.failing) throw new Error('device lost');
    let at = 0;
    return Float32Array.from(
      [...counts].flatMap((count) => [ids.subarray(at, (at += count)).reduce((a, b) => a + b, 0), count]),
    );
  });
  return { queues, requests, state };
}

const text = (length: number, id: number) => new Int32Array(length).fill(id);

describe('queues of shapes', () => {
  it('give every text its own vector, in order, whatever the shape', async () => {
    const { queues } = queuesOf();
    const texts = Array.from({ length: 50 }, (_, index) => text(1 + ((index * 7) % 16), index));
    const vectors = await queues.encode(texts);
    expect(vectors.map((vector) => [...vector])).toEqual(texts.map((ids, index) => [ids.length * index, ids.length]));
  });

  it('never mix shapes in a request, and fill batches before they run part of one', async () => {
    const { queues, requests } = queuesOf();
    const first = queues.encode([text(3, 1)]);
    const short = queues.encode(Array.from({ length: 9 }, () => text(5, 1)));
    const long = queues.encode(Array.from({ length: 3 }, () => text(12, 1)));
    await Promise.all([first, short, long]);
    expect(requests).toEqual([
      { shapeIndex: 0, texts: 1 },
      { shapeIndex: 0, texts: 8 },
      { shapeIndex: 1, texts: 2 },
      { shapeIndex: 0, texts: 1 },
      { shapeIndex: 1, texts: 1 },
    ]);
  });

  it('gather texts of several callers into one batch', async () => {
    const { queues, requests } = queuesOf();
    await Promise.all(Array.from({ length: 5 }, (_, caller) => queues.encode([text(4, caller)])));
    expect(requests).toEqual([
      { shapeIndex: 0, texts: 1 },
      { shapeIndex: 0, texts: 4 },
    ]);
  });

  it('send the next full batch while one is at work, and part of one only to a device that has nothing to do', async () => {
    const open: (() => void)[] = [];
    const sent: number[] = [];
    const queues = new ShapeQueues(SHAPES, async (_, { counts }) => {
      sent.push(counts.length);
      await new Promise<void>((resolve) => open.push(resolve));
      return new Float32Array(counts.length);
    });
    const all = queues.encode(Array.from({ length: 5 * 4 + 1 }, () => text(4, 1)));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([16, 4]);
    open[0]!();
    await turn();
    expect(sent).toEqual([16, 4]);
    open[1]!();
    await turn();
    expect(sent).toEqual([16, 4, 1]);
    open[2]!();
    expect(await all).toHaveLength(21);
  });

  it('a request that fails fails the callers of its texts, and the next ones run', async () => {
    const { queues, state } = queuesOf();
    state.failing = true;
    await expect(queues.encode([text(4, 1)])).rejects.toThrow('device lost');
    state.failing = false;
    expect(await queues.encode([text(4, 1)])).toHaveLength(1);
  });

  it('no texts give no vectors', async () => {
    expect(await queuesOf().queues.encode([])).toEqual([]);
  });
});
