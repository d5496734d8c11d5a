import type { Item } from './words.js';

/** The impression's id: its own when the producer gave one, else request id and position. Also the sample's id. */
export function impressionIdOf(requestId: string, item: Pick<Item, 'impressionId' | 'position'>): string {
  return item.impressionId ?? `${requestId}#${item.position}`;
}
