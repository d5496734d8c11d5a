import { SURFACES, type TrainingSample } from '../../events/words.js';
import { strength } from '../../events/strength.js';
import { sampleKeyOf } from '../../pipeline/join/sample-key.js';
import type { KeyOf } from '../../pipeline/state/keys.js';
import type { SampleFacts } from '../../pipeline/select/sample-facts.js';

/** Every sample of a stream, oldest first, in flat arrays: joined and described once, then selected from again and again. */
export interface Samples {
  readonly count: number;
  readonly columnCount: number;
  /** count × columnCount, row-major; NaN = missing. */
  readonly rows: Float32Array;
  readonly labels: Uint8Array;
  /** Key of each sample's id, the same that the live coin is thrown with. */
  readonly keys: Float64Array;
  /** Number of each sample's session, from 0: what a bootstrap draws. */
  readonly sessions: Uint32Array;
  readonly sessionCount: number;
  readonly facts: SampleFacts;
}

/** Gathers samples as they are read. */
export class SampleGatherer {
  private readonly rows: Float32Array[] = [];
  private readonly labels: number[] = [];
  private readonly ranks: number[] = [];
  private readonly surfaces: number[] = [];
  private readonly categories: (string | null)[] = [];
  private readonly timesMs: number[] = [];
  private readonly keys: number[] = [];
  private readonly sessions: number[] = [];
  private readonly sessionNumbers = new Map<string, number>();

  constructor(private readonly keyOf: KeyOf) {}

  get count(): number {
    return this.labels.length;
  }

  add(sample: TrainingSample): void {
    const { sessionPseudonym } = sample;
    this.rows.push(Float32Array.from(sample.features));
    this.labels.push(sample.label);
    this.ranks.push(strength(sample.outcome));
    this.surfaces.push(SURFACES.indexOf(sample.surface));
    this.categories.push(sample.category);
    this.timesMs.push(sample.eventTimeMs);
    this.keys.push(sampleKeyOf(sample, this.keyOf));
    const session = this.sessionNumbers.get(sessionPseudonym) ?? this.sessionNumbers.size;
    this.sessionNumbers.set(sessionPseudonym, session);
    this.sessions.push(session);
  }

  /** All samples by event time; those of one time stay in the order in which they came. */
  finish(): Samples {
    const count = this.labels.length;
    const columnCount = this.rows[0]?.length ?? 0;
    const order = Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => this.timesMs[a]! - this.timesMs[b]! || a - b,
    );
    const rows = new Float32Array(count * columnCount);
    order.forEach((from, to) => rows.set(this.rows[from]!, to * columnCount));
    return {
      count,
      columnCount,
      rows,
      labels: Uint8Array.from(order, (i) => this.labels[i]!),
      keys: Float64Array.from(order, (i) => this.keys[i]!),
      sessions: Uint32Array.from(order, (i) => this.sessions[i]!),
      sessionCount: this.sessionNumbers.size,
      facts: {
        surfaces: Uint8Array.from(order, (i) => this.surfaces[i]!),
        categories: order.map((i) => this.categories[i]!),
        ranks: Int8Array.from(order, (i) => this.ranks[i]!),
        timesMs: Float64Array.from(order, (i) => this.timesMs[i]!),
      },
    };
  }
}
