import type { CleanList } from '../admitted.js';
import { COLUMNS } from './columns.js';
import type { FeatureState } from './feature-state.js';
import { writePlace, writePrices } from './list-columns.js';
import type { ListFacts } from './list-facts.js';
import { touchRates, writeRates } from './rate-columns.js';
import { writeSession } from './session-columns.js';
import { rememberTexts, writeText, type VectorOf } from './text-columns.js';

/**
 * Writes the features of every item of a list from the state as it stands: nothing of this list, and nothing after it, is
 * in them. `facts` must have located the list at `nowMs`.
 * @param rows at least items × columns, row-major; every column of every row is written
 */
export function describeList(
  list: CleanList,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
  vectorOf: VectorOf,
  rows: Float32Array,
): void {
  const averagePrice = state.items.table.column('averagePrice');
  const priceCount = state.sessions.column('priceCount')[facts.sessionEntry]!;
  const sessionPrice = priceCount > 0 ? state.sessions.column('priceSum')[facts.sessionEntry]! / priceCount : NaN;
  writePlace(list, state.settings.deviceField, rows);
  const lastPrice = state.sessions.column('lastPrice')[facts.sessionEntry]! || NaN;
  writePrices(list, (i) => averagePrice[facts.itemEntries[i]!]! || NaN, sessionPrice, lastPrice, rows);
  writeRates(list, facts, state, nowMs, rows);
  writeSession(list, facts, state, nowMs, rows);
  writeText(list, facts, state, vectorOf, rows);
}

/**
 * Leaves the state as {@link describeList} leaves it, to the last bit once the list has been counted, and writes nothing:
 * for a re-read of impressions whose rows nobody needs any more.
 */
export function passList(
  list: CleanList,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
  vectorOf: VectorOf,
): void {
  touchRates(list, facts, state, nowMs);
  rememberTexts(list, facts, state, vectorOf);
}

export const FEATURE_COLUMN_COUNT = COLUMNS.length;
