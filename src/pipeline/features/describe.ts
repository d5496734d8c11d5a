import type { CleanList } from '../admitted.js';
import { COLUMNS } from './columns.js';
import type { FeatureState } from './feature-state.js';
import { writePlace, writePrices } from './list-columns.js';
import type { ListFacts } from './list-facts.js';
import { writeRates } from './rate-columns.js';
import { writeSession } from './session-columns.js';
import { writeText, type VectorOf } from './text-columns.js';

/**
 * Writes the features of every item of a list from the state as it stands: nothing of this list, and nothing after it, is
 * in them. `facts` must have located the list at `nowMs`.
 * @param rows at least items × columns, row-major; every column of every row is written
 */
export function describeList(list: CleanList, facts: ListFacts, state: FeatureState, nowMs: number, vectorOf: VectorOf, rows: Float32Array): void {
  const averagePrice = state.items.table.column('averagePrice');
  const priceCount = state.sessions.column('priceCount')[facts.sessionEntry]!;
  const sessionPrice = priceCount > 0 ? state.sessions.column('priceSum')[facts.sessionEntry]! / priceCount : NaN;
  writePlace(list, state.settings.deviceField, rows);
  writePrices(list, (i) => averagePrice[facts.itemEntries[i]!]! || NaN, sessionPrice, rows);
  writeRates(list, facts, state, nowMs, rows);
  writeSession(list, facts, state, nowMs, rows);
  writeText(list, facts, state, vectorOf, rows);
}

export const FEATURE_COLUMN_COUNT = COLUMNS.length;
