import type { CleanInteraction, CleanList } from '../admitted.js';
import { mix, type Key } from '../state/keys.js';
import type { FeatureState } from './feature-state.js';
import {
  attributeKey,
  contextKey,
  devicePlacesOf,
  MOST_ATTRIBUTES,
  MOST_CONTEXT_FIELDS,
  placeOf,
  type ListFacts,
} from './list-facts.js';
import { countSituationClick, countSituations } from './situations.js';
import { rollWindow } from './windows.js';

/** Share of a new observation in an item's moving averages. */
const AVERAGE_STEP = 0.1;

/** Counts a list that was just described: its impressions, prices and positions, and the session's having seen them. */
export function countShown(list: CleanList, facts: ListFacts, state: FeatureState, nowMs: number): void {
  const { items, queries, categories, places, itemsInQuery, contexts, attributes, people, sessions, sessionItems } =
    state;
  const length = list.items.length;
  places.addShown(facts.surfaceEntry, length);
  queries.addShown(facts.queryEntry, length);
  people.addShown(facts.personEntry, length);
  for (const entry of facts.contextEntries) contexts.addShown(entry, length);

  const firstMs = items.table.column('firstMs');
  const averagePosition = items.table.column('averagePosition');
  const averagePrice = items.table.column('averagePrice');
  const windowShown = items.table.column('windowShown');
  const sessionShown = sessionItems.column('shown');
  const sessionTouched = sessionItems.column('touchedMs');
  const sessionShownMs = sessionItems.column('lastShownMs');
  for (let i = 0; i < length; i++) {
    const item = list.items[i]!;
    const entry = facts.itemEntries[i]!;
    const before = items.shownLong[entry]!;
    items.addShown(entry, 1);
    if (firstMs[entry] === 0) firstMs[entry] = nowMs;
    averagePosition[entry] =
      before > 0 ? averagePosition[entry]! + AVERAGE_STEP * (item.position - averagePosition[entry]!) : item.position;
    if (item.price !== null)
      averagePrice[entry] =
        averagePrice[entry]! > 0
          ? averagePrice[entry]! + AVERAGE_STEP * (item.price - averagePrice[entry]!)
          : item.price;
    rollWindow(items.table, entry, nowMs, state.settings.shortHalfLifeMs);
    windowShown[entry]! += 1;
    if (facts.categoryEntries[i]! >= 0) categories.addShown(facts.categoryEntries[i]!, 1);
    places.addShown(facts.placeEntries[i]!, 1);
    places.addShown(facts.placeDeviceEntries[i]!, 1);
    itemsInQuery.addShown(facts.itemInQueryEntries[i]!, 1);
    sessionShown[facts.sessionItemEntries[i]!]! += 1;
    sessionTouched[facts.sessionItemEntries[i]!] = nowMs;
    sessionShownMs[facts.sessionItemEntries[i]!] = nowMs;
    if (item.attributes !== null) {
      const names = Object.keys(item.attributes);
      const most = Math.min(names.length, MOST_ATTRIBUTES);
      attributes.reserve(most);
      for (let at = 0; at < most; at++)
        attributes.addShown(attributes.touch(attributeKey(state, names[at]!, item.attributes[names[at]!]!), nowMs), 1);
    }
  }
  countSituations(length, facts.situations, facts.sessionItemEntries, state);
  if (sessions.column('startMs')[facts.sessionEntry] === 0) sessions.column('startMs')[facts.sessionEntry] = nowMs;
  sessions.column('touchedMs')[facts.sessionEntry] = nowMs;
  sessions.column('lists')[facts.sessionEntry]! += 1;
}

/** Counts the first interaction of an impression that reached the goal, on everything the impression stood under. */
export function countClick(list: CleanList, index: number, state: FeatureState, nowMs: number): void {
  const { keyOf, namespaces, items, queries, categories, places, itemsInQuery, contexts, attributes, people } = state;
  const item = list.items[index]!;
  const itemKey = keyOf(item.itemId);
  const query = mix(namespaces.query, list.query === '' ? 1 : keyOf(list.query));
  const surface = mix(namespaces.surface, keyOf(list.surface));
  const entry = items.addClick(itemKey, nowMs);
  rollWindow(items.table, entry, nowMs, state.settings.shortHalfLifeMs);
  items.table.column('windowClicked')[entry]! += 1;
  queries.addClick(query, nowMs);
  if (item.category !== null) categories.addClick(mix(namespaces.category, keyOf(item.category)), nowMs);
  places.addClick(surface, nowMs);
  places.addClick(mix(surface, placeOf(item.position)), nowMs);
  places.addClick(mix(devicePlacesOf(surface, list, state), placeOf(item.position)), nowMs);
  itemsInQuery.addClick(mix(query, itemKey), nowMs);
  const session = mix(namespaces.session, keyOf(list.session));
  countSituationClick(surface, mix(session, itemKey), state, nowMs);
  people.addClick(list.user === null ? session : keyOf(list.user), nowMs);
  for (const name of Object.keys(list.context).slice(0, MOST_CONTEXT_FIELDS))
    contexts.addClick(contextKey(state, name, list.context[name]!), nowMs);
  if (item.attributes !== null) {
    for (const name of Object.keys(item.attributes).slice(0, MOST_ATTRIBUTES))
      attributes.addClick(attributeKey(state, name, item.attributes[name]!), nowMs);
  }
}

/** Counts an interaction, with or without an impression (list and index) it belongs to: item, session and person. */
export function countInteraction(
  interaction: CleanInteraction,
  impression: { readonly list: CleanList; readonly index: number } | undefined,
  clicked: boolean,
  state: FeatureState,
  nowMs: number,
): void {
  const { keyOf, namespaces, items, people, tastes, sessions, sessionItems } = state;
  const item = impression?.list.items[impression.index];
  const itemKey = keyOf(interaction.itemId);
  const session = mix(namespaces.session, keyOf(interaction.session));
  const person = interaction.user === null ? session : keyOf(interaction.user);

  items.reserve(1);
  const itemEntry = items.touch(itemKey, nowMs);
  items.table.column('acted')[itemEntry]! += 1;
  people.reserve(1);
  const personEntry = people.touch(person, nowMs);
  people.table.column('acted')[personEntry]! += 1;
  tastes.reserve(2);
  countTaste(tastes, mix(person, mix(namespaces.item, itemKey)), nowMs);
  if (item && item.category !== null)
    countTaste(tastes, mix(person, mix(namespaces.category, keyOf(item.category))), nowMs);

  sessionItems.reserve(1);
  const pair = sessionItems.findOrAdd(mix(session, itemKey));
  sessionItems.column('touchedMs')[pair] = nowMs;
  sessionItems.column('acted')[pair]! += 1;
  sessionItems.column('lastActedMs')[pair] = nowMs;
  if (clicked) sessionItems.column('clicked')[pair]! += 1;

  sessions.reserve(1);
  const entry = sessions.findOrAdd(session);
  if (sessions.column('startMs')[entry] === 0) sessions.column('startMs')[entry] = nowMs;
  sessions.column('touchedMs')[entry] = nowMs;
  sessions.column('steps')[entry]! += 1;
  sessions.column('lastItem')[entry] = itemKey;
  sessions.column('lastActedMs')[entry] = nowMs;
  if (clicked) sessions.column('clicks')[entry]! += 1;
  if (clicked && item) sessions.column('lastClickPosition')[entry] = item.position;
  // Most interactions name no impression; what the item was shown at elsewhere stands in for its price.
  const price = item ? (item.price ?? 0) : items.table.column('averagePrice')[itemEntry]!;
  if (price > 0) sessions.column('lastPrice')[entry] = price;
  if (item && item.price !== null && item.price > 0) {
    sessions.column('priceSum')[entry]! += item.price;
    sessions.column('priceCount')[entry]! += 1;
  }
  state.interests.act(session, itemKey);
}

function countTaste(tastes: FeatureState['tastes'], key: Key, nowMs: number): void {
  tastes.table.column('acted')[tastes.touch(key, nowMs)]! += 1;
}
