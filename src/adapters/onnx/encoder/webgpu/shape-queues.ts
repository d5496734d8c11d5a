import type { TokenLists } from '../protocol.js';
import { shapeIndexOf, type BatchShape } from './shapes.js';

/** Most batches in one request: enough that the device hardly waits for messages. */
const BATCHES_A_REQUEST = 4;

/** One text that waits for its batch. */
interface Waiting {
  readonly ids: Int32Array;
  /** When it came, in texts. */
  readonly turn: number;
  readonly settle: (vector: Float32Array) => void;
  readonly fail: (error: unknown) => void;
}

/** Texts of one shape → their vectors, texts × dimensions. */
export type RunShape = (shapeIndex: number, texts: TokenLists) => Promise<Float32Array>;

/**
 * Gathers texts of all callers into batches, a queue a shape, one request at a time. Full batches go first, the longest
 * waiting among them; a batch that is not full goes when no shape has a full one. Callers wait for their texts, so a
 * stream of full batches ends and nobody waits for ever. A request that fails fails its own texts.
 */
export class ShapeQueues {
  private readonly queues: Waiting[][];
  private turn = 0;
  private running = false;

  constructor(
    private readonly shapes: readonly BatchShape[],
    private readonly run: RunShape,
  ) {
    this.queues = shapes.map(() => []);
  }

  /** One vector a text, in order. */
  encode(texts: readonly Int32Array[]): Promise<Float32Array[]> {
    const vectors = texts.map(
      (ids) =>
        new Promise<Float32Array>((settle, fail) => {
          this.queues[shapeIndexOf(this.shapes, ids.length)]!.push({ ids, turn: this.turn++, settle, fail });
        }),
    );
    if (!this.running) void this.work();
    return Promise.all(vectors);
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let index = this.next(); index !== undefined; index = this.next()) {
      const { rows } = this.shapes[index]!;
      const queue = this.queues[index]!;
      const full = Math.min(BATCHES_A_REQUEST, Math.floor(queue.length / rows));
      const texts = queue.splice(0, Math.max(1, full) * rows);
      try {
        const vectors = await this.run(index, listsOf(texts.map(({ ids }) => ids)));
        const dimensions = vectors.length / texts.length;
        // A copy each: a view would keep the whole answer alive for as long as a cache holds one vector of it.
        texts.forEach(({ settle }, row) => settle(vectors.slice(row * dimensions, (row + 1) * dimensions)));
      } catch (error) {
        for (const { fail } of texts) fail(error);
      }
    }
    this.running = false;
  }

  /** The shape to run next; undefined when nothing waits. */
  private next(): number | undefined {
    const waiting = this.queues.flatMap((queue, index) => (queue.length > 0 ? [index] : []));
    const full = waiting.filter((index) => this.queues[index]!.length >= this.shapes[index]!.rows);
    const turnOf = (index: number) => this.queues[index]![0]!.turn;
    return (full.length > 0 ? full : waiting).sort((left, right) => turnOf(left) - turnOf(right))[0];
  }
}

function listsOf(texts: readonly Int32Array[]): TokenLists {
  const counts = Int32Array.from(texts, ({ length }) => length);
  const ids = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const text of texts) {
    ids.set(text, at);
    at += text.length;
  }
  return { ids, counts };
}
