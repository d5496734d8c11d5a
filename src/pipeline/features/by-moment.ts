import { MOMENTS, type Moment } from './moments.js';
import type { StateColumn } from './state-column.js';

/** Counts that fade at one half-life. */
export interface Decay {
  readonly halfLifeMs: number;
  readonly ratePerMs: number;
  readonly columns: StateColumn[];
}

/** What has been asked for of each moment: nothing yet. */
export function byMoment<Asked = StateColumn>(): Readonly<Record<Moment, Asked[]>> {
  return Object.fromEntries(MOMENTS.map((moment) => [moment, []])) as unknown as Readonly<Record<Moment, Asked[]>>;
}
