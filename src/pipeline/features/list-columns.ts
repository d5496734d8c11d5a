import type { CleanList } from '../admitted.js';
import { AT, COLUMNS } from './columns.js';
import { rankAmong } from './rank.js';

const WIDTH = COLUMNS.length;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 1970-01-01 was a Thursday; weeks here begin on Monday. */
const EPOCH_WEEKDAY = 3;

/** Writes the columns that the list alone decides: position, surface, device, hour and weekday. */
export function writePlace(list: CleanList, deviceField: string, rows: Float32Array): void {
  const hour = ((list.eventTimeMs % DAY_MS) / DAY_MS) * 2 * Math.PI;
  const weekday = (((Math.floor(list.eventTimeMs / DAY_MS) + EPOCH_WEEKDAY) % 7) / 7) * 2 * Math.PI;
  const hourSin = Math.sin(hour);
  const hourCos = Math.cos(hour);
  const weekdaySin = Math.sin(weekday);
  const weekdayCos = Math.cos(weekday);
  const device = deviceClass(list.context[deviceField]);
  const length = list.items.length;
  for (let i = 0, at = 0; i < length; i++, at += WIDTH) {
    const { position } = list.items[i]!;
    rows[at + AT.position] = position;
    rows[at + AT.positionDecay] = 1 / Math.log2(1 + position);
    rows[at + AT.listLength] = length;
    rows[at + AT.surfaceSearch] = list.surface === 'SEARCH' ? 1 : 0;
    rows[at + AT.surfaceAd] = list.surface === 'AD' ? 1 : 0;
    rows[at + AT.surfaceRecommendation] = list.surface === 'RECOMMENDATION' ? 1 : 0;
    rows[at + AT.deviceMobile] = device === 'mobile' ? 1 : 0;
    rows[at + AT.deviceTablet] = device === 'tablet' ? 1 : 0;
    rows[at + AT.deviceDesktop] = device === 'desktop' ? 1 : 0;
    rows[at + AT.hourSin] = hourSin;
    rows[at + AT.hourCos] = hourCos;
    rows[at + AT.weekdaySin] = weekdaySin;
    rows[at + AT.weekdayCos] = weekdayCos;
  }
}

/** Sorts what producers call devices into three classes; anything else is none of them. */
export function deviceClass(device: string | undefined): 'mobile' | 'tablet' | 'desktop' | undefined {
  switch (device?.toLowerCase()) {
    case 'mobile':
    case 'phone':
    case 'smartphone':
    case 'ios':
    case 'android':
      return 'mobile';
    case 'tablet':
    case 'ipad':
      return 'tablet';
    case 'desktop':
    case 'web':
    case 'pc':
    case 'laptop':
      return 'desktop';
    default:
      return undefined;
  }
}

/**
 * Writes the price columns: against the list's median and cheapest, and as rank in [0,1] (ties share the lower rank).
 * A price of 0 counts as unknown in ratios. Missing prices give missing columns.
 */
export function writePrices(
  list: CleanList,
  itemAveragePrice: (index: number) => number,
  sessionAveragePrice: number,
  lastActedPrice: number,
  rows: Float32Array,
): void {
  const known: number[] = [];
  for (const { price } of list.items) if (price !== null) known.push(price);
  known.sort((a, b) => a - b);
  const middle = known.length >> 1;
  const median =
    known.length === 0 ? NaN : known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
  const cheapest = known[0] ?? NaN;
  for (let i = 0, at = 0; i < list.items.length; i++, at += WIDTH) {
    const price = list.items[i]!.price ?? NaN;
    rows[at + AT.price] = price;
    rows[at + AT.priceRank] = known.length > 1 && price === price ? rankAmong(known, price) : NaN;
    rows[at + AT.priceToMedian] = ratio(price, median);
    rows[at + AT.priceToCheapest] = ratio(price, cheapest);
    rows[at + AT.priceToItemAverage] = ratio(price, itemAveragePrice(i));
    rows[at + AT.priceToSessionAverage] = ratio(price, sessionAveragePrice);
    rows[at + AT.priceToLastActed] = ratio(Math.min(price, lastActedPrice), Math.max(price, lastActedPrice));
  }
}

/** a/b, or NaN where either is missing or b is 0. */
function ratio(a: number, b: number): number {
  return b > 0 ? a / b : NaN;
}
