import { shifted } from '../events/shifted.js';
import type { Surface, TrainingSample } from '../events/words.js';
import { createAdwin, type Adwin, type AdwinSettings } from './adwin.js';
import { logLossOf } from './metrics/log-loss.js';

/** Champions watched at once: while a new one takes over, partitions still bring samples that the old one scored. */
const WATCHED_VERSIONS = 4;

/**
 * In sixty steady streams of 100,000 audit samples at a click rate of 4 % there was no alarm; a rate that trebles raises one
 * within 400 to 900 of them, one that falls to a third within 2,000 to 4,000.
 */
const SETTINGS: AdwinSettings = { delta: 1e-3, everyCount: 32, minCount: 500, minSideCount: 50 };

/** Log loss at which a prediction is as wrong as the watch will have it: a click that was given 1 in 1,000. */
const MOST_LOG_LOSS = Math.log(1_000);

/** What is watched of a champion, in [0,1]: its log loss, and its residual y − p̂, which tells more clicks from fewer. */
export const SIGNALS = {
  'log-loss': (prediction: number, label: 0 | 1) =>
    Math.min(logLossOf(prediction, label), MOST_LOG_LOSS) / MOST_LOG_LOSS,
  residual: (prediction: number, label: 0 | 1) => (1 + label - prediction) / 2,
} as const;

export type Signal = keyof typeof SIGNALS;

/** A mean that is no longer what it was. */
export interface Drift {
  readonly signal: Signal;
  readonly direction: 'up' | 'down';
}

/** Watches each champion, surface by surface, on the audit samples it scored before their outcome was known. */
export interface DriftWatch {
  /** Takes the next audit sample, and says what has drifted with it. */
  observe(
    sample: Pick<TrainingSample, 'prediction' | 'label' | 'logOddsOffset' | 'snapshotVersion' | 'surface'>,
  ): readonly Drift[];
  /** True when an alarm was raised for this version and not yet answered. */
  raised(snapshotVersion: string | undefined): boolean;
  /** Answers all alarms: a fit has begun. */
  answer(): void;
}

/** Makes a watch. The audit slice is a uniform slice of the stream, so what it says of a champion holds for the whole. */
export function createDriftWatch(): DriftWatch {
  const versions = new Map<string, Map<Surface, Readonly<Record<Signal, Adwin>>>>();
  const alarms = new Set<string>();

  function testsOf(version: string, surface: Surface): Readonly<Record<Signal, Adwin>> {
    let surfaces = versions.get(version);
    if (!surfaces) {
      versions.set(version, (surfaces = new Map()));
      if (versions.size > WATCHED_VERSIONS) versions.delete(versions.keys().next().value!);
    }
    let tests = surfaces.get(surface);
    if (!tests) surfaces.set(surface, (tests = { 'log-loss': createAdwin(SETTINGS), residual: createAdwin(SETTINGS) }));
    return tests;
  }

  return {
    observe({ prediction: ofAll, label, logOddsOffset, snapshotVersion, surface }) {
      if (ofAll === null) return [];
      const prediction = shifted(ofAll, logOddsOffset);
      const tests = testsOf(snapshotVersion, surface);
      const found: Drift[] = [];
      for (const signal of Object.keys(SIGNALS) as Signal[]) {
        const direction = tests[signal].observe(SIGNALS[signal](prediction, label));
        if (direction !== undefined) found.push({ signal, direction });
      }
      if (found.length > 0) alarms.add(snapshotVersion);
      return found;
    },
    raised: (snapshotVersion) => snapshotVersion !== undefined && alarms.has(snapshotVersion),
    answer: () => alarms.clear(),
  };
}
