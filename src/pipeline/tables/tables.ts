import type { CleanList } from '../admitted.js';
import type { DeclaredReader } from '../clean/declared.js';

/** The tables of a process, as a partition uses them. */
export interface Tables {
  /**
   * Reads on until everything written before the call is at hand.
   * @param oldestMs time of the oldest impression that is to be described
   */
  readOn(oldestMs: number): Promise<void>;
  /** A list with what its items' rows said as of its time. */
  into(list: CleanList): CleanList;
  /** The same for whoever only looks: nothing is counted, nothing is carried, and no row is kept for its sake. */
  looking(declared: DeclaredReader | undefined): Pick<Tables, 'readOn' | 'into'>;
}
