import type { TrainingSample } from '../events/words.js';
import { NO_DRIFT, observeDrift, type PageHinkley } from './drift.js';
import { logLossOf } from './metrics/log-loss.js';

/** Champions watched at once: while a new one takes over, partitions still bring samples that the old one scored. */
const WATCHED_VERSIONS = 4;

/** Watches the log loss of each champion on the audit samples it scored before their outcome was known. */
export interface DriftWatch {
  /** Takes the next audit sample; true when its champion's log loss has risen. */
  observe(sample: Pick<TrainingSample, 'prediction' | 'label' | 'snapshotVersion'>): boolean;
  /** True when an alarm was raised for this version and not yet answered. */
  raised(snapshotVersion: string | undefined): boolean;
  /** Answers all alarms: a fit has begun. */
  answer(): void;
}

/** Makes a watch. The audit slice is a uniform slice of the stream, so what it says of the log loss holds for the whole. */
export function createDriftWatch(): DriftWatch {
  const tests = new Map<string, PageHinkley>();
  const alarms = new Set<string>();
  return {
    observe({ prediction, label, snapshotVersion }) {
      if (prediction === null) return false;
      const { state, alarm } = observeDrift(tests.get(snapshotVersion) ?? NO_DRIFT, logLossOf(prediction, label));
      tests.set(snapshotVersion, alarm ? NO_DRIFT : state);
      if (alarm) alarms.add(snapshotVersion);
      if (tests.size > WATCHED_VERSIONS) tests.delete(tests.keys().next().value!);
      return alarm;
    },
    raised: (snapshotVersion) => snapshotVersion !== undefined && alarms.has(snapshotVersion),
    answer: () => alarms.clear(),
  };
}
