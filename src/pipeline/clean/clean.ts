import type { Config } from '../../config/schema.js';
import {
  INTERACTION_TYPES,
  SURFACES,
  type ImpressionList,
  type Interaction,
  type InteractionType,
  type Item,
  type Surface,
} from '../../events/words.js';
import type { Headers } from '../../ports/transport.js';
import type { OwnFields } from './own-fields.js';
import type { CleanInteraction, CleanItem, CleanList } from '../admitted.js';
import { EACH_TEXT, type CleanTexts } from './clean-texts.js';
import { isMissing, optionalId, optionalNumber, optionalText, requiredId, textMap, type OnIgnored } from './fields.js';
import { numberOf } from './numbers.js';
import { readTimeMs } from './time.js';
import { conflictWithin } from './identity.js';
import { samplingRatesOf } from './sampling-rates.js';
import { isRefusal, refuse, shown, type Refusal } from './verdict.js';

export type CleanSettings = Config['clean'];

/** A cleaned list with the items that had to be refused. `list.items` keeps the order shown. */
export interface CleanedList {
  readonly list: CleanList;
  readonly refusedItems: readonly { readonly index: number; readonly refusal: Refusal }[];
}

/**
 * Checks and normalises an impression list whose shape is not yet known. A fault of the list refuses it whole; a fault of
 * one item refuses that item and keeps the others, except in its identity: where positions begin at 0, or two items would be
 * one impression, it refuses the list, since labels would go to the wrong item. An optional value that is not of its type
 * is left out and counted. Session and user are still raw.
 * @param writtenMs timestamp of the message, epoch ms: `time-in-future` is judged by it, so that a re-read judges alike.
 * One before `clean.oldestEventTimeMs` is as good as none
 * @param own reads the fields of items that a team has declared; absent: there are none
 * @param headers of the record that the list came in
 */
export function cleanList(
  raw: Partial<ImpressionList>,
  writtenMs: number,
  settings: CleanSettings,
  texts: CleanTexts = EACH_TEXT,
  own?: OwnFields,
  headers: Headers = {},
): CleanedList | Refusal {
  const requestId = requiredId(raw.requestId, 'requestId');
  if (typeof requestId === 'object') return requestId;
  const sessionId = requiredId(raw.sessionId, 'sessionId');
  if (typeof sessionId === 'object') return sessionId;
  const userId = optionalId(raw.userId, 'userId');
  if (userId !== null && typeof userId === 'object') return userId;
  const eventTimeMs = cleanTime(raw.eventTimeMs, writtenMs, settings);
  if (typeof eventTimeMs === 'object') return eventTimeMs;
  if (isMissing(raw.surface)) return refuse('missing-field', { field: 'surface' });
  if (!isOneOf(SURFACES, raw.surface))
    return refuse('invalid-field', { field: 'surface', value: shown(raw.surface), expected: SURFACES.join(', ') });
  let ignoredCount = 0;
  const onIgnored = (): void => void ignoredCount++;
  const query = optionalText(raw.query, 'query', settings.maxTextLength, onIgnored);
  if (typeof query === 'object') return query;
  if (!Array.isArray(raw.items) || raw.items.length === 0) return refuse('missing-field', { field: 'items' });
  if (raw.items.length > settings.maxItems)
    return refuse('too-many-items', { items: raw.items.length, limit: settings.maxItems });

  const countedFromZero = firstAtZero(raw.items);
  if (countedFromZero >= 0) return refuse('positions-from-zero', { index: countedFromZero });
  const items: CleanItem[] = [];
  const refusedItems: { index: number; refusal: Refusal }[] = [];
  for (let index = 0; index < raw.items.length; index++) {
    const verdict = cleanItem(raw.items[index] as Partial<Item> | null, index, settings, texts, onIgnored);
    if (isRefusal(verdict)) refusedItems.push({ index, refusal: verdict });
    else
      items.push(own ? { ...verdict, ...own(raw, raw.items[index] as Partial<Item>, eventTimeMs, headers) } : verdict);
  }
  const conflict = conflictWithin(items);
  if (conflict) return conflict;
  const list = {
    requestId,
    eventTimeMs,
    surface: raw.surface as Surface,
    session: sessionId,
    user: userId,
    query: query === '' ? '' : texts.readable(query),
    context: textMap(raw.context),
    items,
    ...(ignoredCount > 0 ? { ignoredCount } : {}),
  };
  return { list, refusedItems };
}

/** Checks and normalises an interaction whose shape is not yet known. Session and user are still raw. */
export function cleanInteraction(
  raw: Partial<Interaction>,
  writtenMs: number,
  settings: CleanSettings,
): CleanInteraction | Refusal {
  let ignoredCount = 0;
  const onIgnored = (): void => void ignoredCount++;
  const interactionId = requiredId(raw.interactionId, 'interactionId');
  if (typeof interactionId === 'object') return interactionId;
  const sessionId = requiredId(raw.sessionId, 'sessionId');
  if (typeof sessionId === 'object') return sessionId;
  if (Array.isArray(raw.itemId))
    return refuse('invalid-field', {
      field: 'itemId',
      value: `${raw.itemId.length} ids`,
      expected: 'one id: a message is one interaction',
    });
  const itemId = requiredId(raw.itemId, 'itemId');
  if (typeof itemId === 'object') return itemId;
  const userId = optionalId(raw.userId, 'userId');
  if (userId !== null && typeof userId === 'object') return userId;
  const requestId = optionalId(raw.requestId, 'requestId');
  if (requestId !== null && typeof requestId === 'object') return requestId;
  const impressionId = optionalId(raw.impressionId, 'impressionId');
  if (impressionId !== null && typeof impressionId === 'object') return impressionId;
  const eventTimeMs = cleanTime(raw.eventTimeMs, writtenMs, settings);
  if (typeof eventTimeMs === 'object') return eventTimeMs;
  if (isMissing(raw.type)) return refuse('missing-field', { field: 'type' });
  if (!isOneOf(INTERACTION_TYPES, raw.type))
    return refuse('invalid-field', { field: 'type', value: shown(raw.type), expected: INTERACTION_TYPES.join(', ') });
  const value = optionalNumber(raw.value, 'value', {}, onIgnored);
  const dwellMs = optionalNumber(raw.dwellMs, 'dwellMs', {}, onIgnored);
  return {
    interactionId,
    eventTimeMs,
    type: raw.type as InteractionType,
    session: sessionId,
    user: userId,
    itemId,
    requestId,
    impressionId,
    value: value ?? 0,
    dwellMs,
    ...(ignoredCount > 0 ? { ignoredCount } : {}),
  };
}

/** Index of the first item at position 0; −1 when there is none. Every other item of its list stands one place off, too. */
function firstAtZero(items: readonly unknown[]): number {
  return items.findIndex((item) => numberOf((item as Partial<Item> | null)?.position) === 0);
}

function cleanItem(
  raw: Partial<Item> | null,
  index: number,
  settings: CleanSettings,
  texts: CleanTexts,
  onIgnored: OnIgnored,
): CleanItem | Refusal {
  if (typeof raw !== 'object' || raw === null)
    return refuse('invalid-field', { field: `items[${index}]`, value: shown(raw), expected: 'a record' });
  const itemId = requiredId(raw.itemId, 'itemId', index);
  if (typeof itemId === 'object') return itemId;
  if (isMissing(raw.position)) return refuse('missing-field', { field: `items[${index}].position` });
  const position = numberOf(raw.position);
  if (position === undefined || !Number.isSafeInteger(position) || position < 1)
    return refuse('invalid-field', {
      field: `items[${index}].position`,
      value: shown(raw.position),
      expected: 'a whole number from 1',
    });
  const impressionId = optionalId(raw.impressionId, 'impressionId', index);
  if (impressionId !== null && typeof impressionId === 'object') return impressionId;
  const title = optionalText(raw.title, 'title', settings.maxTextLength, onIgnored, index);
  if (typeof title === 'object') return title;
  const description = optionalText(raw.description, 'description', settings.maxTextLength, onIgnored, index);
  if (typeof description === 'object') return description;
  const category = optionalText(raw.category, 'category', settings.maxTextLength, onIgnored, index);
  if (typeof category === 'object') return category;
  const price = cleanPrice(raw, settings, onIgnored);
  if (price !== null && typeof price === 'object') return price;
  const propensity = optionalNumber(raw.propensity, 'propensity', { least: Number.MIN_VALUE, most: 1 }, onIgnored);
  const samplingRates = samplingRatesOf(raw, index);
  if (samplingRates && isRefusal(samplingRates)) return samplingRates;
  return {
    itemId,
    position,
    impressionId,
    text: texts.keepsItemTexts ? itemText(title, description, texts) : '',
    category: category === '' ? null : texts.normal(category) || null,
    price,
    propensity,
    attributes: raw.attributes ? textMap(raw.attributes) : null,
    ...(samplingRates ? { samplingRates } : {}),
  };
}

function itemText(title: string, description: string, { readable }: CleanTexts): string {
  if (description === '') return title === '' ? '' : readable(title);
  return readable(`${title}. ${description}`);
}

function cleanPrice(raw: Partial<Item>, settings: CleanSettings, onIgnored: OnIgnored): number | null | Refusal {
  const price = optionalNumber(raw.price, 'price', { least: 0 }, onIgnored);
  if (price === null) return null;
  if (settings.currency === '' || !raw.currency || raw.currency === settings.currency) return price;
  // Own names only: a currency called `constructor` has no rate.
  const rate =
    typeof raw.currency === 'string' && Object.hasOwn(settings.currencies, raw.currency)
      ? settings.currencies[raw.currency]
      : undefined;
  if (rate === undefined) return refuse('unknown-currency', { currency: shown(raw.currency) });
  return optionalNumber(price * rate, 'price', { least: 0 }, onIgnored);
}

/** Reads an event time. @param writtenMs timestamp of the message */
export function cleanTime(time: unknown, writtenMs: number, settings: CleanSettings): number | Refusal {
  if (isMissing(time)) return refuse('missing-field', { field: 'eventTimeMs' });
  const eventTimeMs = readTimeMs(time, settings.timeUnit);
  if (eventTimeMs === undefined)
    return refuse('invalid-field', {
      field: 'eventTimeMs',
      value: shown(time),
      expected: 'epoch milliseconds or ISO 8601',
    });
  if (eventTimeMs < settings.oldestEventTimeMs)
    return refuse('time-before-horizon', { eventTimeMs, limit: settings.oldestEventTimeMs });
  // A producer may leave the timestamp of the message unset (−1 or 0 on the wire), or count it in seconds.
  if (writtenMs < settings.oldestEventTimeMs) return eventTimeMs < NO_CLOCK_MS ? eventTimeMs : beyondAllClocks(time);
  const aheadMs = eventTimeMs - writtenMs;
  if (aheadMs > settings.maxFutureMs)
    return refuse('time-in-future', {
      eventTimeMs,
      ahead: `${aheadMs} ms after the message was written, limit clean.maxFutureMs = ${settings.maxFutureMs}`,
    });
  return eventTimeMs;
}

/** The year 2100: what is later is a mistaken unit, whoever tells it. */
const NO_CLOCK_MS = Date.UTC(2100, 0);

function beyondAllClocks(time: unknown): Refusal {
  return refuse('invalid-field', {
    field: 'eventTimeMs',
    value: shown(time),
    expected: 'a time before 2100, the message having no timestamp to judge it by',
  });
}

function isOneOf<T extends string>(names: readonly T[], name: unknown): name is T {
  return (names as readonly unknown[]).includes(name);
}
