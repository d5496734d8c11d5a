import type { Config } from '../../config/schema.js';
import type { CapturedColumns } from '../state/captured.js';
import { KeyTable } from '../state/key-table.js';
import type { Key, KeyOf } from '../state/keys.js';
import { remember } from '../state/remember.js';
import type { TableCapture } from '../state/table-capture.js';
import { Counters } from './counters.js';
import { Interests } from './interests.js';

const ITEM_EXTRA = [
  'firstMs',
  'acted',
  'averagePosition',
  'averagePrice',
  'windowStartMs',
  'windowShown',
  'windowClicked',
  'previousShown',
  'previousClicked',
] as const;
const SESSION_COLUMNS = [
  'touchedMs',
  'startMs',
  'steps',
  'lists',
  'clicks',
  'lastItem',
  'lastActedMs',
  'lastClickPosition',
  'priceSum',
  'priceCount',
  'lastPrice',
] as const;
const SESSION_ITEM_COLUMNS = [
  'touchedMs',
  'shown',
  'acted',
  'clicked',
  'lastActedMs',
  'lastShownMs',
  'situation',
] as const;

/** About half a megabyte of short texts. */
const MOST_REMEMBERED_TERMS = 4_096;

/** One letter of a namespace per kind of key, so that an item and a query with one text never share a counter. */
export interface Namespaces {
  readonly item: Key;
  readonly query: Key;
  readonly category: Key;
  readonly surface: Key;
  readonly position: Key;
  readonly context: Key;
  readonly attribute: Key;
  readonly session: Key;
}

/**
 * Everything the features remember about the past, in bounded tables of typed arrays. It changes only through
 * `count…` of `observe.ts`, in the order of turns, and never at a close: so it is a function of the events alone.
 */
export class FeatureState {
  readonly items: Counters<(typeof ITEM_EXTRA)[number]>;
  readonly queries: Counters;
  readonly categories: Counters;
  /** Position within surface, and surface alone. */
  readonly places: Counters;
  readonly itemsInQuery: Counters;
  readonly contexts: Counters;
  readonly attributes: Counters;
  /** User, else session. `acted` counts interactions. */
  readonly people: Counters<'acted'>;
  /** What the session did with the item, where it stands and how often it was shown; see `situations.ts`. A few hundred. */
  readonly situations: Counters;
  /** Interactions of a person with a category, and with an item. */
  readonly tastes: Counters<'acted'>;
  readonly sessions: KeyTable<(typeof SESSION_COLUMNS)[number]>;
  readonly sessionItems: KeyTable<(typeof SESSION_ITEM_COLUMNS)[number]>;
  readonly interests: Interests;
  readonly namespaces: Namespaces;
  /** `keyOf` for texts of which there are few: categories, and names and values of attributes and context. */
  readonly termKeyOf: KeyOf;

  constructor(
    readonly settings: Config['features'],
    readonly keyOf: KeyOf,
  ) {
    const counters = { ...settings, maxEntries: settings.maxCounterEntries };
    this.items = new Counters(counters, ITEM_EXTRA, ['acted']);
    this.queries = new Counters(counters);
    this.categories = new Counters(counters);
    this.places = new Counters(counters);
    this.itemsInQuery = new Counters(counters);
    this.contexts = new Counters(counters);
    this.attributes = new Counters(counters);
    this.situations = new Counters(counters);
    this.people = new Counters(counters, ['acted'], ['acted']);
    this.tastes = new Counters(counters, ['acted'], ['acted']);
    this.sessions = new KeyTable(SESSION_COLUMNS, 'touchedMs', settings.maxSessions);
    this.sessionItems = new KeyTable(SESSION_ITEM_COLUMNS, 'touchedMs', settings.maxCounterEntries);
    this.interests = new Interests(settings.maxInterestVectors);
    this.termKeyOf = remember(keyOf, MOST_REMEMBERED_TERMS);
    this.namespaces = {
      item: keyOf('item'),
      query: keyOf('query'),
      category: keyOf('category'),
      surface: keyOf('surface'),
      position: keyOf('position'),
      context: keyOf('context'),
      attribute: keyOf('attribute'),
      session: keyOf('session'),
    };
  }

  /** The parts by name, for checkpoints. */
  tables(): Readonly<Record<string, CapturedPart>> {
    const ofCounters = (counters: Counters<never> | Counters<'acted'> | FeatureState['items']): CapturedPart => ({
      capture: () => counters.table.capture(),
      beginCapture: () => counters.table.beginCapture(),
      restore: (captured) => counters.restore(captured),
    });
    return {
      items: ofCounters(this.items),
      queries: ofCounters(this.queries),
      categories: ofCounters(this.categories),
      places: ofCounters(this.places),
      itemsInQuery: ofCounters(this.itemsInQuery),
      contexts: ofCounters(this.contexts),
      attributes: ofCounters(this.attributes),
      situations: ofCounters(this.situations),
      people: ofCounters(this.people),
      tastes: ofCounters(this.tastes),
      sessions: this.sessions,
      sessionItems: this.sessionItems,
      interests: this.interests,
    };
  }
}

/** A part of the state that a checkpoint takes along. */
export interface CapturedPart {
  /** The part as it is now, at once. */
  capture(): CapturedColumns;
  /** The part as it is now, copied later; absent where {@link capture} costs next to nothing. */
  beginCapture?(): TableCapture;
  restore(captured: CapturedColumns): void;
}
