import type { CleanList } from '../admitted.js';

/** The tables of a process, as a partition uses them. */
export interface Tables {
  /**
   * Reads on until everything written before the call is at hand.
   * @param oldestMs time of the oldest impression that is to be described
   */
  readOn(oldestMs: number): Promise<void>;
  /** A list with what its items' rows said as of its time. */
  into(list: CleanList): CleanList;
}
