import { average, likeness, ofItem, ofList, part, ratio } from '../definitions.js';
import { hourAngle, weekdayAngle } from '../calendar.js';
import { listPrices, lastPrice, priceOf, sessionPrices } from '../prices.js';
import { column } from './column.js';

const POSITION = ofItem(({ position }) => position);
const PRICE = ofItem(priceOf);

/** Columns of the list itself: place, device, time and prices. */
export const LIST_COLUMNS = [
  column('position', 'rank from 1', 'position in the list', POSITION),
  column(
    'positionDecay',
    '1',
    '1 / log2(1 + position), the DCG discount',
    ofItem(({ position }) => 1 / Math.log2(1 + position)),
  ),
  column(
    'listLength',
    'items',
    'items in the list',
    ofList(({ items }) => items.length),
  ),
  column(
    'surfaceSearch',
    '0/1',
    'surface is SEARCH',
    ofList(({ surface }) => Number(surface === 'SEARCH')),
  ),
  column(
    'surfaceAd',
    '0/1',
    'surface is AD',
    ofList(({ surface }) => Number(surface === 'AD')),
  ),
  column(
    'surfaceRecommendation',
    '0/1',
    'surface is RECOMMENDATION',
    ofList(({ surface }) => Number(surface === 'RECOMMENDATION')),
  ),
  column(
    'deviceMobile',
    '0/1',
    'device is a phone',
    ofList((_list, { device }) => Number(device === 'mobile')),
  ),
  column(
    'deviceTablet',
    '0/1',
    'device is a tablet',
    ofList((_list, { device }) => Number(device === 'tablet')),
  ),
  column(
    'deviceDesktop',
    '0/1',
    'device is a desktop',
    ofList((_list, { device }) => Number(device === 'desktop')),
  ),
  column(
    'hourSin',
    '1',
    'sine of the hour of day (UTC)',
    ofList(({ eventTimeMs }) => Math.sin(hourAngle(eventTimeMs))),
  ),
  column(
    'hourCos',
    '1',
    'cosine of the hour of day (UTC)',
    ofList(({ eventTimeMs }) => Math.cos(hourAngle(eventTimeMs))),
  ),
  column(
    'weekdaySin',
    '1',
    'sine of the weekday (UTC)',
    ofList(({ eventTimeMs }) => Math.sin(weekdayAngle(eventTimeMs))),
  ),
  column(
    'weekdayCos',
    '1',
    'cosine of the weekday (UTC)',
    ofList(({ eventTimeMs }) => Math.cos(weekdayAngle(eventTimeMs))),
  ),
  column('price', 'clean.currency', 'price of the item', PRICE),
  column('priceRank', '0..1', 'rank of the price in the list, 0 the cheapest', part(listPrices, 'rank')),
  column('priceToMedian', 'ratio', 'price over the median price of the list', ratio(PRICE, part(listPrices, 'median'))),
  column(
    'priceToCheapest',
    'ratio',
    'price over the lowest price of the list',
    ratio(PRICE, part(listPrices, 'cheapest')),
  ),
  column(
    'priceToItemAverage',
    'ratio',
    'price over the moving average of the prices this item was shown at',
    ratio(PRICE, average('item', 'price')),
  ),
  column(
    'priceToSessionAverage',
    'ratio',
    'price over the mean price of items the session acted on',
    ratio(PRICE, part(sessionPrices, 'mean')),
  ),
  column(
    'priceToLastActed',
    '0..1',
    'lower over higher of this price and that of the item acted on last: 1 the same',
    likeness(PRICE, part(lastPrice, 'price')),
  ),
] as const;
