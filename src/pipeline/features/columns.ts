/** A column of the feature set. NaN = missing everywhere. */
export interface Column {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

const column = <Name extends string>(name: Name, unit: string, meaning: string): Column & { readonly name: Name } => ({
  name,
  unit,
  meaning,
});

/**
 * Every column there is, in row order; rows hold those that `features.omit` does not name. Every value is taken from the state as it was when the impression's turn came,
 * before the list itself was counted. Rates are smoothed towards the surface's rate: (clicks + k·prior)/(shown + k), both
 * counts decayed exponentially. "Acted on" means any interaction, "clicked" one that reached the goal.
 */
export const COLUMNS = [
  column('position', 'rank from 1', 'position in the list'),
  column('positionDecay', '1', '1 / log2(1 + position), the DCG discount'),
  column('listLength', 'items', 'items in the list'),
  column('surfaceSearch', '0/1', 'surface is SEARCH'),
  column('surfaceAd', '0/1', 'surface is AD'),
  column('surfaceRecommendation', '0/1', 'surface is RECOMMENDATION'),
  column('deviceMobile', '0/1', 'device is a phone'),
  column('deviceTablet', '0/1', 'device is a tablet'),
  column('deviceDesktop', '0/1', 'device is a desktop'),
  column('hourSin', '1', 'sine of the hour of day (UTC)'),
  column('hourCos', '1', 'cosine of the hour of day (UTC)'),
  column('weekdaySin', '1', 'sine of the weekday (UTC)'),
  column('weekdayCos', '1', 'cosine of the weekday (UTC)'),
  column('price', 'clean.currency', 'price of the item'),
  column('priceRank', '0..1', 'rank of the price in the list, 0 the cheapest'),
  column('priceToMedian', 'ratio', 'price over the median price of the list'),
  column('priceToCheapest', 'ratio', 'price over the lowest price of the list'),
  column('priceToItemAverage', 'ratio', 'price over the moving average of the prices this item was shown at'),
  column('priceToSessionAverage', 'ratio', 'price over the mean price of items the session acted on'),
  column('priceToLastActed', '0..1', 'lower over higher of this price and that of the item acted on last: 1 the same'),
  column('positionRateShort', 'probability', 'click-through of this position on this surface, short half-life'),
  column('positionRateLong', 'probability', 'click-through of this position on this surface, long half-life'),
  column(
    'positionDeviceRate',
    'probability',
    'click-through of this position on this surface and class of device, long half-life, smoothed towards positionRateLong',
  ),
  column(
    'situationRate',
    'probability',
    'click-through of what the session did with the item so far (nothing, acted, clicked, last of all, another of this list), position and times shown',
  ),
  column(
    'neighbourRate',
    'probability',
    'the same by distance in the list from the item acted on last in place of the position, smoothed towards situationRate',
  ),
  column('surfaceRateShort', 'probability', 'click-through of the surface, short half-life'),
  column('surfaceRateLong', 'probability', 'click-through of the surface, long half-life'),
  column('itemRateShort', 'probability', 'click-through of the item, short half-life'),
  column('itemRateLong', 'probability', 'click-through of the item, long half-life'),
  column('itemRateToList', 'ratio', 'long item click-through over the mean of the list'),
  column('itemShown', 'impressions', 'impressions of the item, long half-life'),
  column('itemClicked', 'clicks', 'clicks of the item, long half-life'),
  column('itemActed', 'interactions', 'interactions with the item by anyone, long half-life'),
  column('itemActedToList', 'ratio', 'itemActed + 1 over the mean of the list'),
  column('itemActedRank', '0..1', "share of the list's other items with fewer interactions than this one"),
  column('itemWindowShown', 'impressions', 'impressions of the item in the sliding window (one short half-life)'),
  column('itemWindowClicked', 'clicks', 'clicks of the item in the sliding window (one short half-life)'),
  column('itemAveragePosition', 'rank', 'moving average of the positions this item was shown at'),
  column('itemPositionGain', 'ranks', 'itemAveragePosition − position'),
  column('itemAgeHours', 'hours', 'time since the item was first seen'),
  column('queryRateShort', 'probability', 'click-through of the query, short half-life'),
  column('queryRateLong', 'probability', 'click-through of the query, long half-life'),
  column('queryShown', 'impressions', 'impressions under the query, long half-life'),
  column('categoryRateShort', 'probability', 'click-through of the category, short half-life'),
  column('categoryRateLong', 'probability', 'click-through of the category, long half-life'),
  column('itemInQueryRateShort', 'probability', 'click-through of the item under this query, short half-life'),
  column('itemInQueryRateLong', 'probability', 'click-through of the item under this query, long half-life'),
  column('itemInQueryShown', 'impressions', 'impressions of the item under this query, long half-life'),
  column(
    'contextRateMean',
    'probability',
    "mean click-through of the list's context values (each field=value counted)",
  ),
  column('contextRateMax', 'probability', "highest click-through of the list's context values"),
  column('contextRateMin', 'probability', "lowest click-through of the list's context values"),
  column('attributeRateMean', 'probability', "mean click-through of the item's attributes (each name=value counted)"),
  column('attributeRateMax', 'probability', "highest click-through of the item's attributes"),
  column('userRateLong', 'probability', 'click-through of the user (else the session), long half-life'),
  column('userShown', 'impressions', 'impressions to the user (else the session), long half-life'),
  column('userItemActed', 'interactions', 'interactions of the user (else the session) with the item, long half-life'),
  column('userCategoryInterest', 'clicks', 'interactions of the user with this category, long half-life'),
  column('userCategoryShare', '0..1', 'userCategoryInterest over all interactions of the user'),
  column('sessionSteps', 'interactions', 'interactions of the session so far'),
  column('sessionLists', 'lists', 'lists shown to the session so far'),
  column('sessionClicks', 'clicks', 'clicks of the session so far'),
  column('sessionAgeSeconds', 'seconds', "time since the session's first event"),
  column('sessionIdleSeconds', 'seconds', "time since the session's last interaction"),
  column('sessionItemActed', 'interactions', 'interactions of the session with this item'),
  column('sessionItemShown', 'impressions', 'times the session was shown this item before'),
  column('sessionItemClicked', 'clicks', 'clicks of the session on this item'),
  column('sessionItemIdleSeconds', 'seconds', 'time since the session last acted on this item'),
  column(
    'sessionItemIdleGap',
    'seconds',
    'sessionItemIdleSeconds − sessionIdleSeconds: how long before its last interaction the session acted on this item',
  ),
  column('sessionItemShownAgo', 'seconds', 'time since the session was last shown this item'),
  column('sessionActedShare', '0..1', "share of the list's session interactions that went to this item"),
  column('isLastItem', '0/1', 'the item is the one the session acted on last'),
  column('lastItemOffset', 'ranks', 'position − position in this list of the item acted on last'),
  column('lastClickOffset', 'ranks', "position − position of the session's last click"),
  column('actedAbove', 'items', 'items higher in the list that the session acted on'),
  column('similarityQuery', 'cosine', 'text similarity of query and item'),
  column('similarityQueryToList', 'cosine', 'similarityQuery − mean of the list'),
  column('similarityInterest', 'cosine', "text similarity of the session's interest vector and the item"),
  column('similarityInterestToList', 'cosine', 'similarityInterest − mean of the list'),
  column('categoryHash', '0..1', 'hash of the category'),
] as const;

export type ColumnName = (typeof COLUMNS)[number]['name'];

/** Place of each column in a row. */
export const AT = Object.freeze(Object.fromEntries(COLUMNS.map(({ name }, index) => [name, index]))) as Readonly<
  Record<ColumnName, number>
>;
