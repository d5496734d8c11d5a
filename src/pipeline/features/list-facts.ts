import type { CleanList } from '../admitted.js';
import { mix, type Key } from '../state/keys.js';
import type { FeatureState } from './feature-state.js';
import { deviceClass } from './list-columns.js';
import { Situations } from './situations.js';

/** Keys and entries of one list, computed once and shared by the feature columns. Reused from list to list. */
export class ListFacts {
  session: Key = 0;
  person: Key = 0;
  query: Key = 0;
  surface: Key = 0;
  itemKeys = new Float64Array(64);
  categoryKeys = new Float64Array(64);
  itemEntries = new Int32Array(64);
  categoryEntries = new Int32Array(64);
  placeEntries = new Int32Array(64);
  /** Position within surface and class of device. */
  placeDeviceEntries = new Int32Array(64);
  itemInQueryEntries = new Int32Array(64);
  sessionItemEntries = new Int32Array(64);
  surfaceEntry = 0;
  queryEntry = 0;
  personEntry = 0;
  sessionEntry = 0;
  contextEntries: number[] = [];
  /** Of the item whose attributes were touched last. */
  attributeEntries: number[] = [];
  readonly situations = new Situations();

  /** Finds or adds every key of the list and brings its counters to `nowMs`. Entries hold until the next list. */
  locate(list: CleanList, state: FeatureState, nowMs: number): void {
    const { keyOf, namespaces } = state;
    const count = list.items.length;
    if (count > this.itemKeys.length) this.grow(count);
    this.session = mix(namespaces.session, keyOf(list.session));
    this.person = list.user === null ? this.session : keyOf(list.user);
    this.query = mix(namespaces.query, list.query === '' ? 1 : keyOf(list.query));
    this.surface = mix(namespaces.surface, state.termKeyOf(list.surface));
    for (const table of [state.items, state.categories, state.itemsInQuery, state.sessionItems]) table.reserve(count);
    const devicePlaces = devicePlacesOf(this.surface, list, state);
    state.places.reserve(2 * count + 1);
    state.queries.reserve(1);
    state.people.reserve(1);
    state.sessions.reserve(1);

    this.surfaceEntry = state.places.touch(this.surface, nowMs);
    this.queryEntry = state.queries.touch(this.query, nowMs);
    this.personEntry = state.people.touch(this.person, nowMs);
    this.sessionEntry = state.sessions.findOrAdd(this.session);
    this.locateContext(list, state, nowMs);
    for (let i = 0; i < count; i++) {
      const item = list.items[i]!;
      const itemKey = keyOf(item.itemId);
      const categoryKey = item.category === null ? 0 : mix(namespaces.category, state.termKeyOf(item.category));
      this.itemKeys[i] = itemKey;
      this.categoryKeys[i] = categoryKey;
      this.itemEntries[i] = state.items.touch(itemKey, nowMs);
      this.categoryEntries[i] = categoryKey === 0 ? -1 : state.categories.touch(categoryKey, nowMs);
      this.placeEntries[i] = state.places.touch(mix(this.surface, placeOf(item.position)), nowMs);
      this.placeDeviceEntries[i] = state.places.touch(mix(devicePlaces, placeOf(item.position)), nowMs);
      this.itemInQueryEntries[i] = state.itemsInQuery.touch(mix(this.query, itemKey), nowMs);
      this.sessionItemEntries[i] = state.sessionItems.findOrAdd(mix(this.session, itemKey));
    }
    this.situations.locate(list, this, state, nowMs);
  }

  private locateContext(list: CleanList, state: FeatureState, nowMs: number): void {
    this.contextEntries.length = 0;
    const names = Object.keys(list.context);
    if (names.length === 0) return;
    const most = Math.min(names.length, MOST_CONTEXT_FIELDS);
    state.contexts.reserve(most);
    for (let i = 0; i < most; i++) {
      const name = names[i]!;
      this.contextEntries.push(state.contexts.touch(contextKey(state, name, list.context[name]!), nowMs));
    }
  }

  private grow(count: number): void {
    const length = 2 ** Math.ceil(Math.log2(count));
    this.itemKeys = new Float64Array(length);
    this.categoryKeys = new Float64Array(length);
    this.itemEntries = new Int32Array(length);
    this.categoryEntries = new Int32Array(length);
    this.placeEntries = new Int32Array(length);
    this.placeDeviceEntries = new Int32Array(length);
    this.itemInQueryEntries = new Int32Array(length);
    this.sessionItemEntries = new Int32Array(length);
  }
}

/** Context fields beyond these are carried but not counted: state stays bounded whatever a producer sends. */
export const MOST_CONTEXT_FIELDS = 16;
export const MOST_ATTRIBUTES = 16;

/** Positions beyond 200 share one counter. */
export function placeOf(position: number): number {
  return Math.min(position, 200);
}

/** Namespace of the positions on a list's surface and class of device. */
export function devicePlacesOf(surface: Key, list: CleanList, { settings, namespaces }: FeatureState): Key {
  const device = deviceClass(list.context[settings.deviceField]);
  return mix(mix(surface, namespaces.position), device === undefined ? 1 : DEVICES.indexOf(device) + 2);
}

const DEVICES = ['mobile', 'tablet', 'desktop'] as const;

/** Key of a context value's counter. */
export function contextKey(state: FeatureState, name: string, value: string): Key {
  return mix(mix(state.namespaces.context, state.termKeyOf(name)), state.termKeyOf(value));
}

/** Key of an item attribute's counter. */
export function attributeKey(state: FeatureState, name: string, value: string): Key {
  return mix(mix(state.namespaces.attribute, state.termKeyOf(name)), state.termKeyOf(value));
}
