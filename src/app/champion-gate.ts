import type { Config } from '../config/schema.js';
import type { Retrainer } from '../learn/index.js';
import { nextFitAt, retryFitAt } from '../learn/trigger.js';
import type { Champion } from '../pipeline/partition.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { serial } from '../stream/serial.js';
import { FitRounds, type RoundsDeps } from './fit-rounds.js';

/** Says which model scores, and when the partitions hold for a fit. */
export interface ChampionGate {
  /** A partition is worked on here. */
  take(partition: number): void;
  /** A partition has ended or is not worked on here any more. */
  giveBack(partition: number): void;
  /** @param signal aborted when the partition is to end */
  champion(partition: number, signal: AbortSignal): Champion;
}

/** What a gate asks of its surroundings. */
export interface GateDeps extends RoundsDeps {
  readonly follower: Pick<SnapshotFollower, 'champion' | 'manifests'>;
  readonly retrain: Pick<Config['retrain'], 'everySamples' | 'pace'>;
  readonly retrainer: Pick<Retrainer, 'run'>;
  /** Samples the application has seen so far. */
  readonly seen: () => number;
}

/**
 * The gate for a config. A log is replayed a thousand times faster than it happened: without holding, a fit that takes
 * seconds would miss hours of it, and nothing would be learned about how the live stream behaves.
 */
export function championGate(deps: GateDeps, untilEnd: boolean): ChampionGate & { readonly holds: boolean } {
  const { pace } = deps.retrain;
  if (untilEnd && pace !== 'live') return { ...inRounds(deps), holds: true };
  if (pace === 'wait') return { ...atTriggers(deps), holds: true };
  return { ...always(deps, () => Promise.resolve(Infinity)), holds: false };
}

/** Holds by quota, so that the samples are a function of the input; partitions have to end, or they would hold each other. */
function inRounds(deps: GateDeps): ChampionGate {
  const rounds = new FitRounds(deps);
  return {
    take: (partition) => rounds.take(partition),
    giveBack: (partition) => rounds.giveBack(partition),
    champion: (partition, signal) => ({
      current: () => deps.follower.champion(),
      allowance: (seen) => rounds.allowance(partition, seen, signal),
    }),
  };
}

/** Holds at each trigger on a stream without end, where no partition may wait for one that has no traffic. */
function atTriggers(deps: GateDeps): ChampionGate {
  const { follower, retrainer, retrain, seen, isRetraining } = deps;
  const lastSeen = Math.max(0, ...follower.manifests().map(({ trainedOn }) => trainedOn.seen ?? 0));
  let nextAt = nextFitAt(lastSeen, retrain.everySamples);
  const inTurn = serial();

  const isDue = (): boolean => isRetraining() && !deps.signal.aborted && seen() >= nextAt;
  /** Fits until none is due: what the partitions that still flow bring meanwhile may make the next one due. */
  const catchUp = async (): Promise<void> => {
    while (isDue()) {
      const atSeen = seen();
      const report = await retrainer.run(atSeen, deps.signal);
      nextAt = (report ? nextFitAt : retryFitAt)(atSeen, retrain.everySamples);
    }
  };

  return always(deps, async () => {
    if (isDue()) await inTurn(catchUp);
    return isRetraining() ? Math.max(1, nextAt - seen()) : Infinity;
  });
}

/** One champion for all partitions, whichever there are. */
function always({ follower }: GateDeps, allowance: Champion['allowance']): ChampionGate {
  const champion = { current: () => follower.champion(), allowance };
  return { take() {}, giveBack() {}, champion: () => champion };
}
