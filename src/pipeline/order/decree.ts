import type { InputName, InputOffsets } from '../../ports/transport.js';

/**
 * A point at which the order was decided by something else than the input, as it must be repeated on a re-read: standing
 * before these offsets, the watermark was raised to `floorMs` by the wall clock, or (null) everything waiting was let go.
 */
export interface ForcedAdvance extends InputOffsets {
  readonly floorMs: number | null;
}

/**
 * A point at which something else than the input vouched for events of an input that were held: standing before these
 * offsets, those of them up to a time were believed that not more messages were against than for.
 */
export interface Belief extends InputOffsets {
  readonly believes: InputName;
  /** Infinity: the input was declared complete. */
  readonly upToMs: number;
}

/** A point from which on the input was read under other settings: standing before these offsets, a restart brought them. */
export interface SettingsSwitch extends InputOffsets {
  /** Id of the settings that hold from here on. */
  readonly settings: string;
}

/** What happened to a partition beside its input, and must happen again on a re-read, in this order. */
export type Decree = ForcedAdvance | Belief | SettingsSwitch;

export function isSwitch(decree: Decree): decree is SettingsSwitch {
  return 'settings' in decree;
}

export function isBelief(decree: Decree): decree is Belief {
  return 'believes' in decree;
}
