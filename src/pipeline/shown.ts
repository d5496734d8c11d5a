import type { SamplingRates, Surface } from '../events/words.js';
import type { DeviceClass } from './features/device.js';
import type { Key } from './state/keys.js';

/** An item as it waits for its outcome: what goes on its sample, and keys of what its clicks count under. */
export interface ShownItem {
  readonly itemId: string;
  readonly position: number;
  /** As it goes out; null: its producer gave none. */
  readonly impressionId: string | null;
  /** Key of the impression id that the producer gave; null: it gave none. */
  readonly givenKey: Key | null;
  readonly category: string | null;
  readonly price: number | null;
  readonly propensity: number | null;
  /** Chances with which the log kept such impressions; absent: 1, both. */
  readonly samplingRates?: SamplingRates;
  /** Keys of the attributes that are counted; null for none. */
  readonly attributeKeys: readonly Key[] | null;
  /** Keys of the values of declared categories that are counted; absent for none. */
  readonly declaredKeys?: readonly Key[];
  /** Keys of the values of declared categories that `features.state` remembers under, by category; absent: none. */
  readonly ownKeys?: Readonly<Record<string, Key>>;
}

/**
 * A list as it waits for its outcome, once its features are computed. It holds no query, no context and no text, but keys of
 * those that a click counts under: it stands in checkpoints, and what people wrote must not.
 */
export interface ShownList {
  /** As it goes out. */
  readonly requestId: string;
  /** True when request id or impression ids go out as pseudonyms. */
  readonly isHidden: boolean;
  readonly eventTimeMs: number;
  readonly surface: Surface;
  readonly session: string;
  readonly user: string | null;
  /** As of an interaction. */
  readonly isOfAnotherKey?: true;
  readonly queryKey: Key;
  readonly device: DeviceClass | null;
  /** Keys of the context fields that are counted; null for none. */
  readonly contextKeys: readonly Key[] | null;
  readonly items: readonly ShownItem[];
}
