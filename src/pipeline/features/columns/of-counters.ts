import {
  average,
  count,
  difference,
  ofItem,
  part,
  rankInList,
  rate,
  ratio,
  sinceFirst,
  SURFACE_RATE,
  toList,
  windowCount,
} from '../definitions.js';
import { attributeRates, contextRates } from '../value-rates.js';
import { column } from './column.js';

const HOUR_MS = 3_600_000;
const POSITION = ofItem(({ position }) => position);
const POSITION_RATE = rate('position', 'long');
const SITUATION_RATE = rate('situation', 'long', rate('relation', 'long'));
const ITEM_RATE = rate('item', 'long');
const ITEM_ACTED = count('item', 'acted', 'long');
const AVERAGE_POSITION = average('item', 'position');
const CATEGORY_INTEREST = count('personCategory', 'acted', 'long');

/** Columns counted over everything that was shown: by place, situation, item, query, category, values and person. */
export const COUNTER_COLUMNS = [
  column(
    'positionRateShort',
    'probability',
    'click-through of this position on this surface, short half-life',
    rate('position', 'short'),
  ),
  column(
    'positionRateLong',
    'probability',
    'click-through of this position on this surface, long half-life',
    POSITION_RATE,
  ),
  column(
    'positionDeviceRate',
    'probability',
    'click-through of this position on this surface and class of device, long half-life, smoothed towards positionRateLong',
    rate('positionDevice', 'long', POSITION_RATE),
  ),
  column(
    'situationRate',
    'probability',
    'click-through of what the session did with the item so far (nothing, acted, clicked, last of all, another of this list), position and times shown',
    SITUATION_RATE,
  ),
  column(
    'neighbourRate',
    'probability',
    'the same by distance in the list from the item acted on last in place of the position, smoothed towards situationRate',
    rate('neighbour', 'long', SITUATION_RATE),
  ),
  column(
    'surfaceRateShort',
    'probability',
    'click-through of the surface, short half-life',
    rate('surface', 'short', null),
  ),
  column('surfaceRateLong', 'probability', 'click-through of the surface, long half-life', SURFACE_RATE),
  column('itemRateShort', 'probability', 'click-through of the item, short half-life', rate('item', 'short')),
  column('itemRateLong', 'probability', 'click-through of the item, long half-life', ITEM_RATE),
  column('itemRateToList', 'ratio', 'long item click-through over the mean of the list', toList(ITEM_RATE)),
  column('itemShown', 'impressions', 'impressions of the item, long half-life', count('item', 'shown', 'long')),
  column('itemClicked', 'clicks', 'clicks of the item, long half-life', count('item', 'clicked', 'long')),
  column('itemActed', 'interactions', 'interactions with the item by anyone, long half-life', ITEM_ACTED),
  column('itemActedToList', 'ratio', 'itemActed + 1 over the mean of the list', toList(ITEM_ACTED, 1)),
  column(
    'itemActedRank',
    '0..1',
    "share of the list's other items with fewer interactions than this one",
    rankInList(ITEM_ACTED),
  ),
  column(
    'itemWindowShown',
    'impressions',
    'impressions of the item in the sliding window (one short half-life)',
    windowCount('item', 'shown'),
  ),
  column(
    'itemWindowClicked',
    'clicks',
    'clicks of the item in the sliding window (one short half-life)',
    windowCount('item', 'clicked'),
  ),
  column('itemAveragePosition', 'rank', 'moving average of the positions this item was shown at', AVERAGE_POSITION),
  column('itemPositionGain', 'ranks', 'itemAveragePosition − position', difference(AVERAGE_POSITION, POSITION)),
  column('itemAgeHours', 'hours', 'time since the item was first seen', sinceFirst('item', ['shown'], HOUR_MS, 0)),
  column('queryRateShort', 'probability', 'click-through of the query, short half-life', rate('query', 'short')),
  column('queryRateLong', 'probability', 'click-through of the query, long half-life', rate('query', 'long')),
  column('queryShown', 'impressions', 'impressions under the query, long half-life', count('query', 'shown', 'long')),
  column(
    'categoryRateShort',
    'probability',
    'click-through of the category, short half-life',
    rate('category', 'short'),
  ),
  column('categoryRateLong', 'probability', 'click-through of the category, long half-life', rate('category', 'long')),
  column(
    'itemInQueryRateShort',
    'probability',
    'click-through of the item under this query, short half-life',
    rate('itemInQuery', 'short', ITEM_RATE),
  ),
  column(
    'itemInQueryRateLong',
    'probability',
    'click-through of the item under this query, long half-life',
    rate('itemInQuery', 'long', ITEM_RATE),
  ),
  column(
    'itemInQueryShown',
    'impressions',
    'impressions of the item under this query, long half-life',
    count('itemInQuery', 'shown', 'long'),
  ),
  column(
    'contextRateMean',
    'probability',
    "mean click-through of the list's context values (each field=value counted)",
    part(contextRates, 'mean'),
  ),
  column(
    'contextRateMax',
    'probability',
    "highest click-through of the list's context values",
    part(contextRates, 'max'),
  ),
  column(
    'contextRateMin',
    'probability',
    "lowest click-through of the list's context values",
    part(contextRates, 'min'),
  ),
  column(
    'attributeRateMean',
    'probability',
    "mean click-through of the item's attributes (each name=value counted)",
    part(attributeRates, 'mean'),
  ),
  column(
    'attributeRateMax',
    'probability',
    "highest click-through of the item's attributes",
    part(attributeRates, 'max'),
  ),
  column(
    'userRateLong',
    'probability',
    'click-through of the user (else the session), long half-life',
    rate('person', 'long'),
  ),
  column(
    'userShown',
    'impressions',
    'impressions to the user (else the session), long half-life',
    count('person', 'shown', 'long'),
  ),
  column(
    'userItemActed',
    'interactions',
    'interactions of the user (else the session) with the item, long half-life',
    count('personItem', 'acted', 'long'),
  ),
  column(
    'userCategoryInterest',
    'clicks',
    'interactions of the user with this category, long half-life',
    CATEGORY_INTEREST,
  ),
  column(
    'userCategoryShare',
    '0..1',
    'userCategoryInterest over all interactions of the user',
    ratio(CATEGORY_INTEREST, count('person', 'acted', 'long')),
  ),
] as const;
