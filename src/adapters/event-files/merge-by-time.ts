/**
 * Merges two streams by time, ties to the first. Each stream keeps its own order: an element counts as late as the latest
 * before it, so one early straggler overtakes nothing. An element without a time (NaN) goes right after the one before it.
 * Both streams are closed when the merge ends early.
 */
export async function* mergeByTime<T>(
  left: AsyncIterable<T>,
  right: AsyncIterable<T>,
  timeMsOf: (element: T) => number,
): AsyncGenerator<T> {
  const cursors = [new Cursor(left, timeMsOf), new Cursor(right, timeMsOf)] as const;
  try {
    await Promise.all(cursors.map((cursor) => cursor.advance()));
    for (;;) {
      const [first, second] = cursors;
      const next = !second.isDone && (first.isDone || second.reachedMs < first.reachedMs) ? second : first;
      if (next.isDone) return;
      yield next.element as T;
      await next.advance();
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

class Cursor<T> {
  /** Latest time seen so far. */
  reachedMs = Number.NEGATIVE_INFINITY;
  element: T | undefined;
  isDone = false;
  private readonly iterator: AsyncIterator<T>;

  constructor(
    source: AsyncIterable<T>,
    private readonly timeMsOf: (element: T) => number,
  ) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  async advance(): Promise<void> {
    const step = await this.iterator.next();
    this.isDone = step.done === true;
    this.element = this.isDone ? undefined : (step.value as T);
    if (this.isDone) return;
    const timeMs = this.timeMsOf(step.value as T);
    if (timeMs > this.reachedMs) this.reachedMs = timeMs;
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }
}
