import { opaqueId } from '../events/opaque-id.js';
import type { ImpressionList, Interaction, Item } from '../events/words.js';

/** Columns of a row of the RecSys Challenge 2019 session log. */
export type TrivagoRow = Readonly<Record<string, string>>;

/** What a session has shown of itself so far: it shapes the context of its later lists. */
export interface TrivagoSession {
  sort: string;
  destination: string;
  poi: string;
  /** Actions before the current row. */
  actionCount: number;
  lastAction: string;
  /** Second of the last row, and how many rows it has had: whole seconds are spread over milliseconds. */
  second: number;
  rowsInSecond: number;
  /** How often each step has been used as a request id, for the few that repeat. */
  readonly requestIds: Map<string, number>;
}

/** What one row becomes. */
export type TrivagoEvents =
  | {
      readonly kind: 'clickout';
      readonly list: ImpressionList;
      readonly click: Interaction;
      readonly clickIsInList: boolean;
    }
  | { readonly kind: 'view'; readonly view: Interaction }
  | { readonly kind: 'context' }
  | { readonly kind: 'skipped'; readonly reason: string };

const VIEW_ACTIONS = new Set([
  'interaction item image',
  'interaction item info',
  'interaction item rating',
  'interaction item deals',
  'search for item',
]);
/** Pressing the button that opens the list of sort orders is not a sort order. */
const SORT_BUTTON = 'interaction sort button';

export function newTrivagoSession(): TrivagoSession {
  return {
    sort: '',
    destination: '',
    poi: '',
    actionCount: 0,
    lastAction: '',
    second: Number.NaN,
    rowsInSecond: 0,
    requestIds: new Map(),
  };
}

/**
 * Turns a row into events and moves its session on. Rows of a session must come by timestamp, then step. Row k of a
 * session's second happens 2k ms into it and its click 1 ms later, so that order survives whole-second timestamps.
 */
export function trivagoEvents(session: TrivagoSession, row: TrivagoRow): TrivagoEvents {
  const second = Number(row['timestamp']);
  if (!Number.isInteger(second) || second <= 0) return { kind: 'skipped', reason: 'timestamp is not whole seconds' };
  if (!row['session_id']) return { kind: 'skipped', reason: 'no session_id' };
  session.rowsInSecond = second === session.second ? session.rowsInSecond + 1 : 0;
  session.second = second;
  const events = eventsOf(session, row, second * 1000 + 2 * session.rowsInSecond);
  session.actionCount += 1;
  session.lastAction = row['action_type'] ?? '';
  return events;
}

function eventsOf(session: TrivagoSession, row: TrivagoRow, eventTimeMs: number): TrivagoEvents {
  const action = row['action_type'] ?? '';
  const reference = row['reference'] ?? '';
  if (action === 'clickout item') return clickout(session, row, reference, eventTimeMs);
  if (VIEW_ACTIONS.has(action)) {
    if (!/^\d+$/.test(reference)) return { kind: 'skipped', reason: `${action} without an item` };
    return { kind: 'view', view: viewOf(row, action, reference, eventTimeMs, session.actionCount) };
  }
  if (action === 'change of sort order' && reference !== SORT_BUTTON) session.sort = reference;
  else if (action === 'search for destination') session.destination = reference;
  else if (action === 'search for poi') session.poi = reference;
  return { kind: 'context' };
}

function clickout(session: TrivagoSession, row: TrivagoRow, reference: string, eventTimeMs: number): TrivagoEvents {
  const itemIds = (row['impressions'] ?? '').split('|').filter((id) => id !== '');
  if (itemIds.length === 0) return { kind: 'skipped', reason: 'clickout item without impressions' };
  if (reference === '') return { kind: 'skipped', reason: 'clickout item without a reference' };
  const prices = (row['prices'] ?? '').split('|');
  const requestId = requestIdOf(session, row);
  const list: ImpressionList = {
    requestId,
    eventTimeMs,
    surface: 'SEARCH',
    sessionId: row['session_id']!,
    userId: row['user_id'] || null,
    query: row['city'] || null,
    context: contextOf(session, row),
    items: itemIds.map((itemId, at) => itemOf(itemId, at + 1, prices[at])),
  };
  const click: Interaction = {
    interactionId: `${requestId}-click`,
    eventTimeMs: eventTimeMs + 1,
    type: 'CLICK',
    sessionId: list.sessionId,
    userId: list.userId ?? null,
    itemId: reference,
    requestId,
  };
  return { kind: 'clickout', list, click, clickIsInList: itemIds.includes(reference) };
}

function itemOf(itemId: string, position: number, price: string | undefined): Item {
  const amount = Number(price);
  return price !== undefined && price !== '' && Number.isFinite(amount)
    ? { itemId, position, price: amount, currency: 'EUR' }
    : { itemId, position };
}

function viewOf(row: TrivagoRow, action: string, itemId: string, eventTimeMs: number, rank: number): Interaction {
  return {
    interactionId: opaqueId(row['session_id'] ?? '', row['step'] ?? '', rank),
    eventTimeMs,
    type: 'VIEW',
    sessionId: row['session_id']!,
    userId: row['user_id'] || null,
    itemId,
    context: { action },
  };
}

function requestIdOf(session: TrivagoSession, row: TrivagoRow): string {
  const requestId = opaqueId(row['session_id'] ?? '', row['step'] ?? '');
  const uses = (session.requestIds.get(requestId) ?? 0) + 1;
  session.requestIds.set(requestId, uses);
  return uses === 1 ? requestId : `${requestId}-${uses}`;
}

/** Only what was known when the list was shown; empty values are left out. */
function contextOf(session: TrivagoSession, row: TrivagoRow): Record<string, string> {
  const fields = {
    device: row['device'] ?? '',
    platform: row['platform'] ?? '',
    city: row['city'] ?? '',
    filters: row['current_filters'] ?? '',
    sort: session.sort,
    destination: session.destination,
    poi: session.poi,
    step: row['step'] ?? '',
    actions: String(session.actionCount),
    lastAction: session.lastAction,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
