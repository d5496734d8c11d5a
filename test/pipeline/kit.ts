import { createHash32 } from '../../src/adapters/xxhash/index.js';
import { configSchema, type Config, type ConfigInput } from '../../src/config/schema.js';
import type { InteractionType } from '../../src/events/words.js';
import type { CleanInteraction, CleanItem, CleanList } from '../../src/pipeline/admitted.js';
import { Features } from '../../src/pipeline/features/features.js';
import type { ReorderSettings } from '../../src/pipeline/order/reorder.js';
import type { ShownList } from '../../src/pipeline/shown.js';
import { createKeyOf } from '../../src/pipeline/state/keys.js';

/** Clean events and settings with everything given, so that a test names only what it is about. */

export const hash32 = await createHash32();
export const keyOf = createKeyOf(hash32);

/** An order that takes every event at its word. */
export const NO_HOLD: ReorderSettings = { allowedLatenessMs: 1_000, credibleMs: Infinity };

/** An event time in 2023, on a whole second. */
export const T0 = 1_700_000_000_000;

export function configOf(input: ConfigInput = {}): Config {
  return configSchema.parse(input);
}

export function cleanItem(itemId: string, position: number, rest: Partial<CleanItem> = {}): CleanItem {
  return {
    itemId,
    position,
    impressionId: null,
    text: '',
    category: null,
    price: null,
    propensity: null,
    attributes: null,
    ...rest,
  };
}

/** A list of items at positions from 1; strings are item ids. */
export function cleanList(
  requestId: string,
  eventTimeMs: number,
  items: readonly (string | CleanItem)[],
  rest: Partial<CleanList> = {},
): CleanList {
  return {
    requestId,
    eventTimeMs,
    surface: 'SEARCH',
    session: 's1',
    user: null,
    query: '',
    context: {},
    items: items.map((item, index) => (typeof item === 'string' ? cleanItem(item, index + 1) : item)),
    ...rest,
  };
}

/** The same as it waits for its outcome. */
export function shownAs(list: CleanList): ShownList {
  const features = new Features(configOf({ features: { omit: [] } }), keyOf);
  features.locate(list, list.eventTimeMs, () => undefined);
  return features.retained(list, new Float64Array(list.items.length).fill(1));
}

let interactionCount = 0;

export function cleanInteraction(
  type: InteractionType,
  eventTimeMs: number,
  itemId: string,
  rest: Partial<CleanInteraction> = {},
): CleanInteraction {
  return {
    interactionId: `i${interactionCount++}`,
    eventTimeMs,
    type,
    session: 's1',
    user: null,
    itemId,
    requestId: null,
    impressionId: null,
    value: 0,
    dwellMs: null,
    ...rest,
  };
}
