import { Script } from 'node:vm';
import { SluiceError } from '../../errors.js';

/** Does work of somebody else's, and ends it where it does not come back. */
export type Within = <T>(work: () => T) => T;

/** The name under which the script below finds the work; no other code uses it. */
const WORK = Symbol.for('sluice.own-code.work');
const call = new Script(`globalThis[Symbol.for('sluice.own-code.work')]()`, { filename: 'sluice:own-code' });

/**
 * Limits how long a synchronous piece of work may take, an endless loop included: V8 itself ends it. Costs about 0.14 ms a
 * call, so it goes around batches and not around rows.
 * @param what names whoever is at work, asked when it is late
 * @returns throws SluiceError `plugin-slow` at the limit, and whatever the work throws
 */
export function limiter(limitMs: number, what: () => string): Within {
  const world = globalThis as { [WORK]?: () => unknown };
  return <T>(work: () => T): T => {
    const outer = world[WORK];
    world[WORK] = work;
    try {
      return call.runInThisContext({ timeout: limitMs }) as T;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
      throw new SluiceError('plugin-slow', { what: what(), limit: limitMs });
    } finally {
      if (outer) world[WORK] = outer;
      else delete world[WORK];
    }
  };
}
