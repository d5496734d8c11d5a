import { allocate, enlarged, gathered } from '../../bundle/bundle.js';
import { STREAM, type StreamBundle } from '../../bundle/sample.js';
import { strength } from '../../events/strength.js';
import { SURFACES, type SamplingRates, type TrainingSample } from '../../events/words.js';
import { sampleKeyOf } from '../../pipeline/join/sample-key.js';
import type { KeyOf } from '../../pipeline/state/keys.js';

/**
 * Every sample of a stream, oldest first: joined and described once, then selected from again and again. A sample's key is
 * the one that the live coin is thrown with; sessions are what a bootstrap draws.
 */
export type Samples = StreamBundle & { readonly sessionCount: number };

const FIRST_ROWS = 1_024;

/**
 * Chances with which the log kept an impression like this one before it came: the sample has the one of its label, and where
 * everything was kept its offset is their log ratio.
 */
function ratesOfSample({ label, samplingRate, logOddsOffset }: TrainingSample): SamplingRates {
  const own = samplingRate ?? 1;
  const other = Math.min(1, own * Math.exp(label === 1 ? -logOddsOffset : logOddsOffset));
  return label === 1 ? [other, own] : [own, other];
}

/** Gathers samples as they are read. */
export class SampleGatherer {
  private bundle: StreamBundle | undefined;
  private size = 0;
  private readonly sessionNumbers = new Map<string, number>();

  constructor(private readonly keyOf: KeyOf) {}

  get count(): number {
    return this.size;
  }

  add(sample: TrainingSample): void {
    const { sessionPseudonym, features } = sample;
    this.bundle ??= allocate(STREAM, FIRST_ROWS, features.length);
    if (this.size === this.bundle.rowCount) this.bundle = enlarged(STREAM, this.bundle, 2 * this.size);
    const { bundle } = this;
    const at = this.size++;
    bundle.rows.set(features, at * bundle.columnCount);
    bundle.labels[at] = sample.label;
    bundle.ranks[at] = strength(sample.outcome);
    bundle.surfaces[at] = SURFACES.indexOf(sample.surface);
    bundle.categories[at] = sample.category;
    bundle.timesMs[at] = sample.eventTimeMs;
    const [ifNegative, ifPositive] = ratesOfSample(sample);
    bundle.ratesIfNegative[at] = ifNegative;
    bundle.ratesIfPositive[at] = ifPositive;
    bundle.sampleKeys[at] = sampleKeyOf(sample, this.keyOf);
    const session = this.sessionNumbers.get(sessionPseudonym) ?? this.sessionNumbers.size;
    this.sessionNumbers.set(sessionPseudonym, session);
    bundle.sessions[at] = session;
  }

  /** All samples by event time; those of one time stay in the order in which they came. */
  finish(): Samples {
    const bundle = this.bundle ?? allocate(STREAM, 0);
    const { timesMs } = bundle;
    const order = Uint32Array.from({ length: this.size }, (_, at) => at).sort(
      (a, b) => timesMs[a]! - timesMs[b]! || a - b,
    );
    return { ...gathered(STREAM, bundle, order), sessionCount: this.sessionNumbers.size };
  }
}
