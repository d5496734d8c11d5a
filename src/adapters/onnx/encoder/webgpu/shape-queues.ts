import type { TokenLists } from '../protocol.js';
import { shapeIndexOf, type BatchShape } from './shapes.js';

/** Most batches in one request: enough that messages cost little. */
const BATCHES_A_REQUEST = 4;

/** While the device works on one request, the next one waits at its door. */
const REQUESTS_IN_FLIGHT = 2;

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
 * Gathers texts of all callers into batches, a queue a shape. Full batches go first, the longest waiting among them; a
 * batch that is not full goes when no shape has a full one and the device has nothing to do. Callers wait for their
 * texts, so a stream of full batches ends and nobody waits for ever. A request that fails fails its own texts.
 */
export class ShapeQueues {
  private readonly queues: Waiting[][];
  private turn = 0;
  private inFlight = 0;

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
    this.work();
    return Promise.all(vectors);
  }

  /** Sends what may go now; each answer calls it again. */
  private work(): void {
    for (let index = this.next(); index !== undefined; index = this.next()) {
      const { rows } = this.shapes[index]!;
      const queue = this.queues[index]!;
      const full = Math.min(BATCHES_A_REQUEST, Math.floor(queue.length / rows));
      this.inFlight++;
      void this.send(index, queue.splice(0, Math.max(1, full) * rows)).then(() => {
        this.inFlight--;
        this.work();
      });
    }
  }

  private async send(shapeIndex: number, texts: readonly Waiting[]): Promise<void> {
    try {
      const vectors = await this.run(shapeIndex, listsOf(texts.map(({ ids }) => ids)));
      const dimensions = vectors.length / texts.length;
      // A copy each: a view would keep the whole answer alive for as long as a cache holds one vector of it.
      texts.forEach(({ settle }, row) => settle(vectors.slice(row * dimensions, (row + 1) * dimensions)));
    } catch (error) {
      for (const { fail } of texts) fail(error);
    }
  }

  /** The shape to run next; undefined when nothing may go. */
  private next(): number | undefined {
    if (this.inFlight === REQUESTS_IN_FLIGHT) return undefined;
    const waiting = this.queues.flatMap((queue, index) => (queue.length > 0 ? [index] : []));
    const full = waiting.filter((index) => this.queues[index]!.length >= this.shapes[index]!.rows);
    const ready = full.length > 0 || this.inFlight > 0 ? full : waiting;
    const turnOf = (index: number) => this.queues[index]![0]!.turn;
    return ready.sort((left, right) => turnOf(left) - turnOf(right))[0];
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
