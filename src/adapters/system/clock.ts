import { performance } from 'node:perf_hooks';
import type { Clock } from '../../ports/clock.js';

/** Node cuts longer timers to 1 ms, so longer sleeps are taken in pieces. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. `sleep` keeps the process alive while it waits; a negative or zero length ends on the next turn. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
};

async function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  let leftMs = Math.max(0, ms);
  do {
    const pieceMs = Math.min(leftMs, LONGEST_TIMER_MS);
    if (!(await timer(pieceMs, signal))) return false;
    leftMs -= pieceMs;
  } while (leftMs > 0);
  return true;
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timeout);
      resolve(false);
    };
    const timeout = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
