import type { CleanInteraction, CleanItem, CleanList } from '../admitted.js';
import type { ShownItem, ShownList } from '../shown.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';
import { remember } from '../state/remember.js';
import { deviceClass, type DeviceClass } from './device.js';

/** Turns texts into keys of several kinds, so that an item and a query with one text never share a counter. */
export class KeySpace {
  readonly item: Key;
  readonly context: Key;
  readonly attribute: Key;
  readonly position: Key;
  /** `keyOf` for texts of which there are few: categories, and names and values of attributes and context. */
  readonly termKeyOf: KeyOf;
  private readonly declaredSpace: Key;
  private readonly sessionSpace: Key;
  private readonly querySpace: Key;
  private readonly surfaceSpace: Key;
  private readonly categorySpace: Key;

  constructor(readonly keyOf: KeyOf) {
    this.termKeyOf = remember(keyOf, MOST_REMEMBERED_TERMS);
    this.item = keyOf('item');
    this.context = keyOf('context');
    this.attribute = keyOf('attribute');
    this.position = keyOf('position');
    this.declaredSpace = keyOf('declared');
    this.sessionSpace = keyOf('session');
    this.querySpace = keyOf('query');
    this.surfaceSpace = keyOf('surface');
    this.categorySpace = keyOf('category');
  }

  session(session: string): Key {
    return mix(this.sessionSpace, this.keyOf(session));
  }

  query(query: string): Key {
    return mix(this.querySpace, query === '' ? 1 : this.keyOf(query));
  }

  surface(surface: string): Key {
    return mix(this.surfaceSpace, this.termKeyOf(surface));
  }

  /** Key of a category; 0 for none. */
  category(category: string | null): Key {
    return category === null ? 0 : mix(this.categorySpace, this.termKeyOf(category));
  }

  /** Namespace of a declared feature. */
  declared(name: string): Key {
    return mix(this.declaredSpace, this.keyOf(name));
  }

  /** Key of a value of a declared category. @param space of the feature */
  declaredValue(space: Key, value: string): Key {
    return mix(space, this.termKeyOf(value));
  }

  /** Key of a value of a context field or an attribute. */
  value(space: Key, name: string, value: string): Key {
    return mix(mix(space, this.termKeyOf(name)), this.termKeyOf(value));
  }
}

/** About half a megabyte of short texts. */
const MOST_REMEMBERED_TERMS = 4_096;

/** Positions beyond 200 share one counter. */
const LAST_PLACE = 200;

/**
 * The keys that the items of a list, or the one item of an event, stand under, by themselves and combined with those of
 * their list. The same method of the table of key kinds makes a key at the showing and at the click, so that what was shown
 * is found by its click.
 */
export class ListKeys {
  session: Key = 0;
  person: Key = 0;
  query: Key = 0;
  surface: Key = 0;
  device: DeviceClass | undefined;
  items = new Float64Array(ROOM);
  /** 0: the item has no category. */
  categories = new Float64Array(ROOM);
  /** Positions, those beyond the last one counted as one. */
  places = new Float64Array(ROOM);
  /** What {@link ./situations.ts} makes of what the session did so far; −1: not known. */
  situations = new Float64Array(ROOM);
  /** Keys of the context fields, where they are counted. */
  context: readonly Key[] | null = null;
  /** Keys of the attributes of each item, where they are counted. */
  attributes: (readonly Key[] | null)[] = [];
  /** Keys of the values of each item's declared categories, where they are counted. */
  declared: (readonly Key[] | null)[] = [];
  /** Key of each item's first value of each of {@link ownCategories}; 0: it has none. */
  own: Float64Array[];

  constructor(
    readonly space: KeySpace,
    private readonly deviceField: string,
    /** Declared categories that something is remembered under: their places among all of them, and their namespaces. */
    private readonly ownCategories: readonly OwnCategory[] = [],
  ) {
    this.own = ownCategories.map(() => new Float64Array(ROOM));
  }

  /** Takes the keys of a whole list. */
  ofList(list: CleanList): void {
    const { items } = list;
    if (items.length > this.items.length) this.grow(items.length);
    this.setPeople(list.session, list.user);
    this.query = this.space.query(list.query);
    this.surface = this.space.surface(list.surface);
    this.device = deviceClass(list.context[this.deviceField]);
    this.context = null;
    this.attributes.length = 0;
    this.declared.length = 0;
    for (let i = 0; i < items.length; i++) this.setItem(i, items[i]!);
    for (let k = 0; k < this.own.length; k++) this.setOwn(k, items);
  }

  /** Takes the keys of one item of a list that was shown, as they were then. */
  ofImpression({ session, user, queryKey, surface, device, contextKeys, items }: ShownList, index: number): void {
    this.setPeople(session, user);
    this.query = queryKey;
    this.surface = this.space.surface(surface);
    this.device = device ?? undefined;
    this.context = contextKeys;
    this.attributes[0] = items[index]!.attributeKeys;
    this.declared[0] = items[index]!.declaredKeys ?? null;
    this.setItem(0, items[index]!);
    this.setShownOwn(items[index]);
  }

  /**
   * Takes the keys of an interaction: session, person and item, and where its impression is known those that it stood under;
   * 0 for what is not known.
   */
  ofInteraction(
    { session, user, itemId }: CleanInteraction,
    item: ShownItem | undefined,
    list: ShownList | undefined,
  ): void {
    this.setPeople(session, user);
    this.items[0] = this.space.keyOf(itemId);
    this.categories[0] = this.space.category(item?.category ?? null);
    this.query = list?.queryKey ?? 0;
    this.surface = list ? this.space.surface(list.surface) : 0;
    this.places[0] = item ? Math.min(item.position, LAST_PLACE) : 0;
    this.setShownOwn(item);
  }

  /** Keys of the own categories of an item, by their ids; those that it has. */
  ownOf(i: number): Readonly<Record<string, Key>> {
    const found = this.ownCategories.flatMap(({ id }, k): [string, Key][] => {
      const key = this.own[k]![i]!;
      return key === 0 ? [] : [[id, key]];
    });
    return Object.fromEntries(found);
  }

  private setShownOwn(item: ShownItem | undefined): void {
    for (let k = 0; k < this.own.length; k++) this.own[k]![0] = item?.ownKeys?.[this.ownCategories[k]!.id] ?? 0;
  }

  private setOwn(k: number, items: CleanList['items']): void {
    const { at, space } = this.ownCategories[k]!;
    const keys = this.own[k]!;
    for (let i = 0; i < items.length; i++) {
      const value = items[i]!.declared?.categories[at]?.[0];
      keys[i] = value === undefined ? 0 : this.space.declaredValue(space, value);
    }
  }

  private setPeople(session: string, user: string | null): void {
    this.session = this.space.session(session);
    this.person = user === null ? this.session : this.space.keyOf(user);
  }

  private setItem(at: number, { itemId, category, position }: CleanItem | ShownItem): void {
    this.items[at] = this.space.keyOf(itemId);
    this.categories[at] = this.space.category(category);
    this.places[at] = Math.min(position, LAST_PLACE);
  }

  private grow(count: number): void {
    const length = 2 ** Math.ceil(Math.log2(count));
    this.items = new Float64Array(length);
    this.categories = new Float64Array(length);
    this.places = new Float64Array(length);
    this.situations = new Float64Array(length);
    this.own = this.own.map(() => new Float64Array(length));
  }
}

const ROOM = 64;

/** A declared category that something is remembered under. */
export interface OwnCategory {
  /** Names it and where its values stand: lists of before a change of the declaration hold keys by it. */
  readonly id: string;
  /** Its place among the declared categories. */
  readonly at: number;
  /** Namespace of its values. */
  readonly space: Key;
}
