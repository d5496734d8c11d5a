import type { Config } from '../config/schema.js';
import type { Retrainer } from '../learn/index.js';
import { nextFitAt } from '../learn/trigger.js';
import type { Champion } from '../pipeline/partition.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { serial } from '../stream/serial.js';

/** What the gate asks of its surroundings. */
export interface GateDeps {
  readonly follower: Pick<SnapshotFollower, 'champion' | 'manifests'>;
  readonly retrainer: Pick<Retrainer, 'run'>;
  readonly retrain: Pick<Config['retrain'], 'everySamples'>;
  /** Samples the application has seen so far. */
  readonly seen: () => number;
  /** True when this instance fits. */
  readonly isRetraining: () => boolean;
  readonly signal: AbortSignal;
}

/** The champion of a live stream, which never waits for a fit. */
export function liveChampion(follower: Pick<SnapshotFollower, 'champion'>): Champion {
  return { current: () => follower.champion(), allowance: () => Promise.resolve(Infinity) };
}

/**
 * The champion of a replay: at each trigger the stream holds until the fit is done. A log is replayed a thousand times
 * faster than it happened; without the wait, a fit that takes seconds would miss hours of it, and nothing would be learned
 * about how the live stream behaves.
 */
export function replayChampion(deps: GateDeps): Champion {
  const { follower, retrainer, retrain, seen, isRetraining } = deps;
  let nextAt = nextFitAt(
    Math.max(0, ...follower.manifests().map(({ trainedOn }) => trainedOn.seen ?? 0)),
    retrain.everySamples,
  );
  const inTurn = serial();

  const fit = async (atSeen: number): Promise<void> => {
    const report = await retrainer.run(atSeen, deps.signal);
    // Too few clicks for a fit: look again soon instead of a whole interval later.
    nextAt = report ? nextFitAt(atSeen, retrain.everySamples) : atSeen + Math.ceil(retrain.everySamples / 8);
  };

  const isDue = (): boolean => isRetraining() && !deps.signal.aborted && seen() >= nextAt;
  /** Fits until none is due: what the partitions that still flow bring meanwhile may make the next one due. */
  const catchUp = async (): Promise<void> => {
    while (isDue()) await fit(seen());
  };

  return {
    current: () => follower.champion(),
    async allowance() {
      if (isDue()) await inTurn(catchUp);
      return isRetraining() ? Math.max(1, nextAt - seen()) : Infinity;
    },
  };
}
