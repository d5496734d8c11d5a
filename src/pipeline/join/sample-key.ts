import { impressionIdOf } from '../../events/impression-id.js';
import type { TrainingSample } from '../../events/words.js';
import type { ShownList } from '../shown.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';

/** The key that a sample's coin was thrown with, from the sample alone: of its given id, else of request and position. */
export function sampleKeyOf(
  { sampleId, requestId, position }: Pick<TrainingSample, 'sampleId' | 'requestId' | 'position'>,
  keyOf: KeyOf,
): Key {
  const isPlain = sampleId === impressionIdOf(requestId, { position });
  return isPlain ? impressionKeyOf(keyOf(requestId), position) : keyOf(sampleId);
}

/** Key of an impression id that the producer did not give: request and position. */
export function impressionKeyOf(requestKey: Key, position: number): Key {
  return mix(requestKey, position);
}

/**
 * The key that the coin of an impression is thrown with where its ids go out as pseudonyms: of those, so that whoever has the
 * sample can work the coin out again.
 */
export function publicKeyOf({ requestId, items }: ShownList, index: number, keyOf: KeyOf): Key {
  const item = items[index]!;
  return sampleKeyOf({ sampleId: impressionIdOf(requestId, item), requestId, position: item.position }, keyOf);
}
