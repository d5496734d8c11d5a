import type { CleanList } from '../admitted.js';
import { mix } from '../state/keys.js';
import { AT, COLUMNS } from './columns.js';
import type { Counters } from './counters.js';
import type { FeatureState } from './feature-state.js';
import { attributeKey, MOST_ATTRIBUTES, type ListFacts } from './list-facts.js';
import { rankAmong } from './rank.js';
import { rollWindow, windowEstimate } from './windows.js';

const WIDTH = COLUMNS.length;
const TWO_53 = 9_007_199_254_740_992;
const HOUR_MS = 3_600_000;

/** Click-through assumed of a surface nobody has seen: only the first minutes of a stream rest on it. */
const FIRST_PRIOR = 0.03;

/** Writes the click-through and count columns, every rate smoothed towards its surface's (item in query: the item's). */
export function writeRates(
  list: CleanList,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
  rows: Float32Array,
): void {
  const { items, queries, categories, places, itemsInQuery, contexts, people, situations } = state;
  const length = list.items.length;
  const surfaceShort = places.rateShort(facts.surfaceEntry, FIRST_PRIOR);
  const prior = places.rateLong(facts.surfaceEntry, FIRST_PRIOR);
  const queryShort = queries.rateShort(facts.queryEntry, prior);
  const queryLong = queries.rateLong(facts.queryEntry, prior);
  const queryShown = queries.shownLong[facts.queryEntry]!;
  const userRate = people.rateLong(facts.personEntry, prior);
  const userShown = people.shownLong[facts.personEntry]!;
  const context = spread(contexts, facts.contextEntries, prior);
  const acted = items.table.column('acted');
  const firstMs = items.table.column('firstMs');
  const averagePosition = items.table.column('averagePosition');

  let rateSum = 0;
  let actedSum = 0;
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) {
    const entry = facts.itemEntries[i]!;
    const itemLong = items.rateLong(entry, prior);
    const place = facts.placeEntries[i]!;
    const inQuery = facts.itemInQueryEntries[i]!;
    const category = facts.categoryEntries[i]!;
    const seen = items.shownLong[entry]! > 0;
    rateSum += itemLong;
    actedSum += acted[entry]! + 1;
    rows[at + AT.positionRateShort] = places.rateShort(place, prior);
    const positionRate = places.rateLong(place, prior);
    rows[at + AT.positionRateLong] = positionRate;
    rows[at + AT.positionDeviceRate] = places.rateLong(facts.placeDeviceEntries[i]!, positionRate);
    rows[at + AT.surfaceRateShort] = surfaceShort;
    rows[at + AT.surfaceRateLong] = prior;
    rows[at + AT.itemRateShort] = items.rateShort(entry, prior);
    rows[at + AT.itemRateLong] = itemLong;
    const relationRate = situations.rateLong(facts.situations.relationEntries[i]!, prior);
    const situationRate = situations.rateLong(facts.situations.situationEntries[i]!, relationRate);
    rows[at + AT.situationRate] = situationRate;
    rows[at + AT.neighbourRate] = situations.rateLong(facts.situations.neighbourEntries[i]!, situationRate);
    rows[at + AT.itemShown] = items.shownLong[entry]!;
    rows[at + AT.itemClicked] = items.clickedLong[entry]!;
    rows[at + AT.itemActed] = acted[entry]!;
    rollWindow(items.table, entry, nowMs, state.settings.shortHalfLifeMs);
    rows[at + AT.itemWindowShown] = windowEstimate(
      items.table,
      entry,
      'windowShown',
      'previousShown',
      nowMs,
      state.settings.shortHalfLifeMs,
    );
    rows[at + AT.itemWindowClicked] = windowEstimate(
      items.table,
      entry,
      'windowClicked',
      'previousClicked',
      nowMs,
      state.settings.shortHalfLifeMs,
    );
    rows[at + AT.itemAveragePosition] = seen ? averagePosition[entry]! : NaN;
    rows[at + AT.itemPositionGain] = seen ? averagePosition[entry]! - list.items[i]!.position : NaN;
    rows[at + AT.itemAgeHours] = firstMs[entry]! > 0 ? (nowMs - firstMs[entry]!) / HOUR_MS : 0;
    rows[at + AT.queryRateShort] = queryShort;
    rows[at + AT.queryRateLong] = queryLong;
    rows[at + AT.queryShown] = queryShown;
    rows[at + AT.categoryRateShort] = category < 0 ? NaN : categories.rateShort(category, prior);
    rows[at + AT.categoryRateLong] = category < 0 ? NaN : categories.rateLong(category, prior);
    rows[at + AT.categoryHash] = category < 0 ? NaN : facts.categoryKeys[i]! / TWO_53;
    rows[at + AT.itemInQueryRateShort] = itemsInQuery.rateShort(inQuery, itemLong);
    rows[at + AT.itemInQueryRateLong] = itemsInQuery.rateLong(inQuery, itemLong);
    rows[at + AT.itemInQueryShown] = itemsInQuery.shownLong[inQuery]!;
    rows[at + AT.contextRateMean] = context.mean;
    rows[at + AT.contextRateMax] = context.max;
    rows[at + AT.contextRateMin] = context.min;
    rows[at + AT.userRateLong] = userRate;
    rows[at + AT.userShown] = userShown;
    writeAttributes(list.items[i]!.attributes, facts, state, nowMs, prior, rows, at);
    writeTaste(facts, i, state, nowMs, rows, at);
  }
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) {
    rows[at + AT.itemRateToList] = (rows[at + AT.itemRateLong]! * length) / rateSum;
    rows[at + AT.itemActedToList] = ((rows[at + AT.itemActed]! + 1) * length) / actedSum;
  }
  writeActedRank(length, rows);
}

/** Share of the other items with fewer interactions: ties share the lower rank. */
function writeActedRank(length: number, rows: Float32Array): void {
  const sorted = new Float32Array(length);
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) sorted[i] = rows[at + AT.itemActed]!;
  sorted.sort();
  for (let i = 0, at = 0; i < length; i++, at += WIDTH)
    rows[at + AT.itemActedRank] = length > 1 ? rankAmong(sorted, rows[at + AT.itemActed]!) : NaN;
}

/** Changes the state as {@link writeRates} does, and writes nothing: what counting a list does anyway is left to it. */
export function touchRates(list: CleanList, facts: ListFacts, state: FeatureState, nowMs: number): void {
  const total = state.people.table.column('acted')[facts.personEntry]!;
  for (let i = 0; i < list.items.length; i++) {
    touchAttributes(list.items[i]!.attributes, facts, state, nowMs);
    if (total > 0) {
      personItem(facts, i, state, nowMs);
      touchTaste(facts, i, state, nowMs);
    }
  }
}

function writeAttributes(
  attributes: Readonly<Record<string, string>> | null,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
  prior: number,
  rows: Float32Array,
  at: number,
): void {
  const entries = facts.attributeEntries;
  touchAttributes(attributes, facts, state, nowMs);
  const { mean, max } = spread(state.attributes, entries, prior);
  rows[at + AT.attributeRateMean] = mean;
  rows[at + AT.attributeRateMax] = max;
}

/** Brings the counters of an item's attributes to `nowMs`; their entries are left in `facts`. */
function touchAttributes(
  attributes: Readonly<Record<string, string>> | null,
  facts: ListFacts,
  state: FeatureState,
  nowMs: number,
): void {
  const entries = facts.attributeEntries;
  entries.length = 0;
  if (attributes === null) return;
  const names = Object.keys(attributes);
  const most = Math.min(names.length, MOST_ATTRIBUTES);
  state.attributes.reserve(most);
  for (let i = 0; i < most; i++)
    entries.push(state.attributes.touch(attributeKey(state, names[i]!, attributes[names[i]!]!), nowMs));
}

function writeTaste(
  facts: ListFacts,
  index: number,
  state: FeatureState,
  nowMs: number,
  rows: Float32Array,
  at: number,
): void {
  const total = state.people.table.column('acted')[facts.personEntry]!;
  let interest = facts.categoryKeys[index] === 0 ? NaN : 0;
  const taste = total > 0 ? touchTaste(facts, index, state, nowMs) : -1;
  if (taste >= 0) interest = state.tastes.table.column('acted')[taste]!;
  rows[at + AT.userItemActed] = total > 0 ? personItem(facts, index, state, nowMs) : 0;
  rows[at + AT.userCategoryInterest] = interest;
  rows[at + AT.userCategoryShare] = total > 0 ? interest / total : NaN;
}

/** The person's decayed interactions with an item, the entry brought to `nowMs`. */
function personItem(
  { person, itemKeys }: ListFacts,
  index: number,
  { tastes, namespaces }: FeatureState,
  nowMs: number,
): number {
  const key = mix(person, mix(namespaces.item, itemKeys[index]!));
  return tastes.table.find(key) < 0 ? 0 : tastes.table.column('acted')[tastes.touch(key, nowMs)]!;
}

/** Entry of the person's interest in an item's category, brought to `nowMs`; −1 for none. */
function touchTaste(facts: ListFacts, index: number, state: FeatureState, nowMs: number): number {
  const categoryKey = facts.categoryKeys[index]!;
  if (categoryKey === 0) return -1;
  const key = mix(facts.person, categoryKey);
  return state.tastes.table.find(key) < 0 ? -1 : state.tastes.touch(key, nowMs);
}

/** Mean, highest and lowest rate of some entries; NaN for none. */
function spread(counters: Counters, entries: readonly number[], prior: number): Spread {
  if (entries.length === 0) return NO_SPREAD;
  let sum = 0;
  let max = -Infinity;
  let min = Infinity;
  for (let i = 0; i < entries.length; i++) {
    const rate = counters.rateLong(entries[i]!, prior);
    sum += rate;
    max = Math.max(max, rate);
    min = Math.min(min, rate);
  }
  return { mean: sum / entries.length, max, min };
}

interface Spread {
  readonly mean: number;
  readonly max: number;
  readonly min: number;
}

const NO_SPREAD: Spread = { mean: NaN, max: NaN, min: NaN };
