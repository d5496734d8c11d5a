import { INPUTS, type InputName } from '../../ports/transport.js';
import { doublings } from './idleness.js';
import type { CaughtUp } from '../read/input-reader.js';
import type { Reorder } from './reorder.js';

interface CredenceSettings {
  readonly idleTimeoutMs: number;
  /** How far a clock may be ahead of ours. */
  readonly maxFutureMs: number;
}

/** What is known of one topic in life. */
interface Known {
  /** Offset of the oldest held event; −1: none. */
  heldOffset: number;
  /** Monotonic time since which it is held. */
  sinceMs: number;
  newestMs: number;
  /** Monotonic time at which the topic reached that. */
  reachedMs: number;
}

/**
 * Decides when our clocks may vouch for events that are held: a sparse topic need not wait for the many messages that would
 * otherwise have to speak for one. An input that has been read to its end, whose oldest held event has waited for
 * `idleTimeoutMs`, is believed up to the present: what the wall clock says, or the topic's newest time and what has passed
 * since, whichever is later, so that a wall clock set back holds nothing.
 */
export class Credence {
  private readonly known: Record<InputName, Known>;

  /** @param nowMs monotonic, as below */
  constructor(
    private readonly settings: CredenceSettings,
    nowMs: number,
  ) {
    const nothing = { heldOffset: -1, sinceMs: nowMs, newestMs: -Infinity, reachedMs: nowMs };
    this.known = { impressions: { ...nothing }, interactions: { ...nothing } };
  }

  /**
   * The input whose held events are due, and up to which time; undefined: none is.
   * @param wallMs Infinity: the input is complete, so that its end says enough
   * @param recordedCount decrees in the progress record: the more, the longer the wait
   */
  due(
    reorder: Pick<Reorder, 'watermark' | 'heldOf' | 'canVouch'>,
    caughtUp: CaughtUp,
    nowMs: number,
    wallMs: number,
    recordedCount: number,
  ): { readonly input: InputName; readonly upToMs: number } | undefined {
    const { idleTimeoutMs, maxFutureMs } = this.settings;
    for (const input of INPUTS) {
      const known = this.note(input, reorder, nowMs);
      if (known.heldOffset < 0 || caughtUp[input] === -Infinity) continue;
      if (wallMs !== Infinity && caughtUp[input] - known.sinceMs < idleTimeoutMs * doublings(recordedCount)) continue;
      const upToMs = Math.floor(Math.max(wallMs, known.newestMs + nowMs - known.reachedMs) + maxFutureMs);
      if (reorder.canVouch(input, upToMs)) return { input, upToMs };
    }
    return undefined;
  }

  private note(input: InputName, reorder: Parameters<Credence['due']>[0], nowMs: number): Known {
    const known = this.known[input];
    const newestMs = reorder.watermark.newestTimeMs(input);
    const heldOffset = reorder.heldOf(input)[0]?.offset ?? -1;
    if (newestMs !== known.newestMs) Object.assign(known, { newestMs, reachedMs: nowMs });
    if (heldOffset !== known.heldOffset) Object.assign(known, { heldOffset, sinceMs: nowMs });
    return known;
  }
}
