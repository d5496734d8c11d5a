import { count, difference, lessList, ofItem, part, sinceFirst, sinceLast } from '../definitions.js';
import { lastClick, lastItem } from '../last-item.js';
import { sessionActs } from '../session-acts.js';
import { texts } from '../texts.js';
import { column } from './column.js';

const SECOND_MS = 1_000;
const TWO_53 = 9_007_199_254_740_992;
const POSITION = ofItem(({ position }) => position);
const QUERY_SIMILARITY = part(texts, 'query');
const INTEREST_SIMILARITY = part(texts, 'interest');

/** Columns of what the session did so far, and of texts. */
export const SESSION_COLUMNS = [
  column('sessionSteps', 'interactions', 'interactions of the session so far', count('session', 'acted')),
  column('sessionLists', 'lists', 'lists shown to the session so far', count('session', 'listed')),
  column('sessionClicks', 'clicks', 'clicks of the session so far', count('session', 'reached')),
  column(
    'sessionAgeSeconds',
    'seconds',
    "time since the session's first event",
    sinceFirst('session', ['shown', 'acted'], SECOND_MS, 0),
  ),
  column(
    'sessionIdleSeconds',
    'seconds',
    "time since the session's last interaction",
    sinceLast('session', 'acted', SECOND_MS),
  ),
  column(
    'sessionItemActed',
    'interactions',
    'interactions of the session with this item',
    count('sessionItem', 'acted'),
  ),
  column(
    'sessionItemShown',
    'impressions',
    'times the session was shown this item before',
    count('sessionItem', 'shown'),
  ),
  column('sessionItemClicked', 'clicks', 'clicks of the session on this item', count('sessionItem', 'reached')),
  column(
    'sessionItemIdleSeconds',
    'seconds',
    'time since the session last acted on this item',
    sinceLast('sessionItem', 'acted', SECOND_MS),
  ),
  column(
    'sessionItemIdleGap',
    'seconds',
    'sessionItemIdleSeconds − sessionIdleSeconds: how long before its last interaction the session acted on this item',
    part(sessionActs, 'idleGap'),
  ),
  column(
    'sessionItemShownAgo',
    'seconds',
    'time since the session was last shown this item',
    sinceLast('sessionItem', 'shown', SECOND_MS),
  ),
  column(
    'sessionActedShare',
    '0..1',
    "share of the list's session interactions that went to this item",
    part(sessionActs, 'share'),
  ),
  column('isLastItem', '0/1', 'the item is the one the session acted on last', part(lastItem, 'is')),
  column(
    'lastItemOffset',
    'ranks',
    'position − position in this list of the item acted on last',
    difference(POSITION, part(lastItem, 'position')),
  ),
  column(
    'lastClickOffset',
    'ranks',
    "position − position of the session's last click",
    difference(POSITION, part(lastClick, 'position')),
  ),
  column('actedAbove', 'items', 'items higher in the list that the session acted on', part(sessionActs, 'above')),
  column('similarityQuery', 'cosine', 'text similarity of query and item', QUERY_SIMILARITY),
  column('similarityQueryToList', 'cosine', 'similarityQuery − mean of the list', lessList(QUERY_SIMILARITY)),
  column(
    'similarityInterest',
    'cosine',
    "text similarity of the session's interest vector and the item",
    INTEREST_SIMILARITY,
  ),
  column('similarityInterestToList', 'cosine', 'similarityInterest − mean of the list', lessList(INTEREST_SIMILARITY)),
  column(
    'categoryHash',
    '0..1',
    'hash of the category',
    ofItem((_item, { categories }, i) => (categories[i] === 0 ? NaN : categories[i]! / TWO_53)),
  ),
] as const;
