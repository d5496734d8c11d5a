import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';

/**
 * The outcome of `work`, or `stuck` after `ms`. kafkajs drops the timeout of a request when its connection goes while the
 * answer is awaited, and such a promise never settles. The late outcome of overdue work is ignored.
 */
export async function bounded<T>(work: Promise<T>, ms: number, clock: Clock, what: string): Promise<T> {
  const settled = new AbortController();
  const overdue = clock.sleep(ms, settled.signal).then((isOver) => {
    if (isOver) throw new SluiceError('stuck', { what, forMs: ms });
    return work;
  });
  try {
    return await Promise.race([work, overdue]);
  } finally {
    // With a reason, for one of its own is an error with a stack.
    settled.abort('over');
    work.catch(() => undefined);
    overdue.catch(() => undefined);
  }
}
