import type { Item, SamplingRates } from '../../events/words.js';
import { numberOf } from './numbers.js';
import { refuse, shown, type Refusal } from './verdict.js';

/**
 * Reads the chances with which a log that was sampled before kept an item's impression; undefined where nothing was left
 * out. A wrong rate makes wrong weights, so what is none refuses the item: it is not left out like other optional values.
 */
export function samplingRatesOf(raw: Partial<Item>, index: number): SamplingRates | Refusal | undefined {
  const positive = rateOf(raw.samplingRate, `items[${index}].samplingRate`, 1);
  if (typeof positive === 'object') return positive;
  const negative = rateOf(raw.negativeSamplingRate, `items[${index}].negativeSamplingRate`, positive);
  if (typeof negative === 'object') return negative;
  return positive === 1 && negative === 1 ? undefined : [negative, positive];
}

function rateOf(value: unknown, field: string, otherwise: number): number | Refusal {
  if (value === undefined || value === null) return otherwise;
  const rate = numberOf(value);
  if (rate !== undefined && rate > 0 && rate <= 1) return rate;
  return refuse('invalid-field', { field, value: shown(value), expected: 'a number above 0 and up to 1' });
}
