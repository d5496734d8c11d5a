import { limiter, type Within } from '../adapters/own-code/index.js';
import { messageOf, SluiceError } from '../errors.js';

/** Where a part comes from, and how long a call of it may take. */
export interface Guard {
  readonly file: string;
  readonly limitMs: number;
}

/** Calls a part of a plugin: within its time, and what it throws bears its name. */
export function guarded(what: string, limitMs: number): Within {
  const within = limiter(limitMs, () => what);
  return <T>(work: () => T): T => {
    let result: T;
    try {
      result = within(work);
    } catch (thrown) {
      if (thrown instanceof SluiceError) throw thrown;
      throw new SluiceError('plugin-failed', { what, why: `threw ${messageOf(thrown)}` }, { cause: thrown });
    }
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      // What it comes to is nobody's affair any more.
      (result as unknown as Promise<unknown>).then(undefined, () => undefined);
      throw new SluiceError('plugin-failed', { what, why: 'gave a promise: it must answer at once' });
    }
    return result;
  };
}
