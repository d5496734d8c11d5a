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
import type { CleanInteraction, CleanItem, CleanList } from '../admitted.js';
import { EACH_TEXT, type CleanTexts } from './clean-texts.js';
import { optionalId, optionalNumber, optionalText, requiredId, textMap } from './fields.js';
import { toEpochMs } from './time.js';
import { isRefusal, refuse, shown, type Refusal } from './verdict.js';

export type CleanSettings = Config['clean'];

/** A cleaned list with the items that had to be refused. `list.items` keeps the order shown. */
export interface CleanedList {
  readonly list: CleanList;
  readonly refusedItems: readonly { readonly index: number; readonly refusal: Refusal }[];
}

/**
 * Checks and normalises an impression list whose shape is not yet known. A fault of the list refuses it whole; a fault of
 * one item refuses that item and keeps the others. Session and user are still raw.
 * @param writtenMs timestamp of the message, epoch ms: `time-in-future` is judged by it, so that a re-read judges alike
 */
export function cleanList(
  raw: Partial<ImpressionList>,
  writtenMs: number,
  settings: CleanSettings,
  texts: CleanTexts = EACH_TEXT,
): CleanedList | Refusal {
  const requestId = requiredId(raw.requestId, 'requestId');
  if (typeof requestId === 'object') return requestId;
  const sessionId = requiredId(raw.sessionId, 'sessionId');
  if (typeof sessionId === 'object') return sessionId;
  const userId = optionalId(raw.userId, 'userId');
  if (userId !== null && typeof userId === 'object') return userId;
  const eventTimeMs = cleanTime(raw.eventTimeMs, writtenMs, settings);
  if (typeof eventTimeMs === 'object') return eventTimeMs;
  if (!isOneOf(SURFACES, raw.surface))
    return refuse('invalid-field', { field: 'surface', value: shown(raw.surface), expected: SURFACES.join(', ') });
  const query = optionalText(raw.query, 'query', settings.maxTextLength);
  if (typeof query === 'object') return query;
  if (!Array.isArray(raw.items) || raw.items.length === 0) return refuse('missing-field', { field: 'items' });
  if (raw.items.length > settings.maxItems)
    return refuse('too-many-items', { items: raw.items.length, limit: settings.maxItems });

  const items: CleanItem[] = [];
  const refusedItems: { index: number; refusal: Refusal }[] = [];
  for (let index = 0; index < raw.items.length; index++) {
    const verdict = cleanItem(raw.items[index] as Partial<Item> | null, index, settings, texts);
    if (isRefusal(verdict)) refusedItems.push({ index, refusal: verdict });
    else items.push(verdict);
  }
  const list = {
    requestId,
    eventTimeMs,
    surface: raw.surface as Surface,
    session: sessionId,
    user: userId,
    query: query === '' ? '' : texts.readable(query),
    context: textMap(raw.context),
    items,
  };
  return { list, refusedItems };
}

/** Checks and normalises an interaction whose shape is not yet known. Session and user are still raw. */
export function cleanInteraction(
  raw: Partial<Interaction>,
  writtenMs: number,
  settings: CleanSettings,
): CleanInteraction | Refusal {
  const interactionId = requiredId(raw.interactionId, 'interactionId');
  if (typeof interactionId === 'object') return interactionId;
  const sessionId = requiredId(raw.sessionId, 'sessionId');
  if (typeof sessionId === 'object') return sessionId;
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
  if (!isOneOf(INTERACTION_TYPES, raw.type))
    return refuse('invalid-field', { field: 'type', value: shown(raw.type), expected: INTERACTION_TYPES.join(', ') });
  const value = optionalNumber(raw.value, 'value', -Number.MAX_VALUE, 'a finite number');
  if (value !== null && typeof value === 'object') return value;
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
    dwellMs: cleanDwell(raw.dwellMs),
  };
}

// It decides nothing but flags, so what is no number is no reason to refuse the interaction.
function cleanDwell(dwellMs: unknown): number | null {
  return typeof dwellMs === 'number' && Number.isFinite(dwellMs) ? dwellMs : null;
}

function cleanItem(
  raw: Partial<Item> | null,
  index: number,
  settings: CleanSettings,
  texts: CleanTexts,
): CleanItem | Refusal {
  if (typeof raw !== 'object' || raw === null)
    return refuse('invalid-field', { field: `items[${index}]`, value: shown(raw), expected: 'a record' });
  const itemId = requiredId(raw.itemId, 'itemId', index);
  if (typeof itemId === 'object') return itemId;
  const position = raw.position;
  if (!Number.isSafeInteger(position) || position! < 1)
    return refuse('invalid-field', {
      field: `items[${index}].position`,
      value: shown(position),
      expected: 'a whole number from 1',
    });
  const impressionId = optionalId(raw.impressionId, 'impressionId', index);
  if (impressionId !== null && typeof impressionId === 'object') return impressionId;
  const title = optionalText(raw.title, 'title', settings.maxTextLength, index);
  if (typeof title === 'object') return title;
  const description = optionalText(raw.description, 'description', settings.maxTextLength, index);
  if (typeof description === 'object') return description;
  const category = optionalText(raw.category, 'category', settings.maxTextLength, index);
  if (typeof category === 'object') return category;
  const price = cleanPrice(raw, index, settings);
  if (price !== null && typeof price === 'object') return price;
  const propensity = optionalNumber(raw.propensity, 'propensity', Number.MIN_VALUE, 'a probability in (0,1]', index);
  if (propensity !== null && typeof propensity === 'object') return propensity;
  if (propensity !== null && propensity > 1)
    return refuse('invalid-field', {
      field: `items[${index}].propensity`,
      value: propensity,
      expected: 'a probability in (0,1]',
    });
  return {
    itemId,
    position: position!,
    impressionId,
    text: texts.keepsItemTexts ? itemText(title, description, texts) : '',
    category: category === '' ? null : texts.normal(category) || null,
    price,
    propensity,
    attributes: raw.attributes ? textMap(raw.attributes) : null,
  };
}

function itemText(title: string, description: string, { readable }: CleanTexts): string {
  if (description === '') return title === '' ? '' : readable(title);
  return readable(`${title}. ${description}`);
}

function cleanPrice(raw: Partial<Item>, index: number, settings: CleanSettings): number | null | Refusal {
  const price = optionalNumber(raw.price, 'price', 0, 'a finite number from 0', index);
  if (price === null || typeof price === 'object') return price;
  if (settings.currency === '' || !raw.currency || raw.currency === settings.currency) return price;
  // Own names only: a currency called `constructor` has no rate.
  const rate =
    typeof raw.currency === 'string' && Object.hasOwn(settings.currencies, raw.currency)
      ? settings.currencies[raw.currency]
      : undefined;
  if (rate === undefined) return refuse('unknown-currency', { currency: shown(raw.currency) });
  return optionalNumber(price * rate, 'price', 0, 'a price that stays finite in clean.currency', index);
}

function cleanTime(time: unknown, writtenMs: number, settings: CleanSettings): number | Refusal {
  if (time === undefined || time === null) return refuse('missing-field', { field: 'eventTimeMs' });
  if (typeof time !== 'number' || !Number.isFinite(time))
    return refuse('invalid-field', { field: 'eventTimeMs', value: shown(time), expected: 'epoch milliseconds' });
  const eventTimeMs = toEpochMs(time, settings.timeUnit);
  if (eventTimeMs < settings.oldestEventTimeMs)
    return refuse('time-before-horizon', { eventTimeMs, limit: settings.oldestEventTimeMs });
  const aheadMs = eventTimeMs - writtenMs;
  if (aheadMs > settings.maxFutureMs)
    return refuse('time-in-future', { eventTimeMs, aheadMs, limit: settings.maxFutureMs });
  return eventTimeMs;
}

function isOneOf<T extends string>(names: readonly T[], name: unknown): name is T {
  return (names as readonly unknown[]).includes(name);
}
