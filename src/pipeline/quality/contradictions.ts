import type { Config } from '../../config/schema.js';
import { FLAG_BITS } from '../../events/flags.js';
import type { ClosedList } from '../close/close.js';
import type { ScoredBatch } from '../score/score.js';
import type { KeyOf } from '../state/keys.js';
import { ContradictionSketch, type SketchMemory } from './contradiction-sketch.js';

const CONTRADICTED = FLAG_BITS.contradicted;

/**
 * Flags samples whose source (the user, else the session) keeps contradicting a confident committee. A sample is a
 * contradiction when every member gave its label at most `maxLabelProbability`. One of them means little: of impressions
 * predicted at 1 % one in a hundred is clicked. So the source is flagged when it has `minContradictions` times as many as
 * the committee itself expects of the samples it was sure about, and that many at the least.
 *
 * The flag of a sample is taken before the sample is counted: it depends on the past of its source and never on its own
 * label, so an inclusion probability that depends on it stays exact. State is a function of what was emitted, and lives in
 * the progress record. Takes samples one by one in the order of their close: batches make no difference.
 */
export class Contradictions {
  private readonly sketch: ContradictionSketch;

  constructor(
    private readonly settings: Config['quality']['contradicted'],
    private readonly keyOf: KeyOf,
    memory?: SketchMemory,
  ) {
    this.sketch = new ContradictionSketch(settings.halfLifeMs, memory);
  }

  /** For the progress record; undefined while there is nothing to remember. */
  get memory(): SketchMemory | undefined {
    return this.sketch.memory;
  }

  /**
   * Adds the flag to the flags of a scored batch. Does nothing where no champion predicted. Costs O(members) a sample and
   * allocates nothing.
   * @returns how many samples were contradictions
   */
  judge({ closed, prediction }: ScoredBatch): number {
    if (!prediction || closed.rowCount === 0) return 0;
    const { sketch, settings } = this;
    const { flags, lists } = closed;
    let contradictionCount = 0;
    const memberCount = prediction.members.length / closed.rowCount;
    let list: ClosedList | undefined;
    let source = 0;
    let at = -1;
    let scale = 1;
    for (let i = 0; i < closed.rowCount; i++) {
      if (lists[i] !== list) {
        list = lists[i]!;
        const { shown, sessionKey } = list;
        source = (shown.user === null ? sessionKey : this.keyOf(shown.user)) >>> 0;
        scale = sketch.scaleAt(shown.eventTimeMs);
        at = sketch.find(source);
      }
      if (at >= 0 && sketch.exceeds(at, settings.minContradictions, scale)) flags[i]! |= CONTRADICTED;
      const sureOf = this.sureOf(prediction.members, i * memberCount, memberCount);
      if (sureOf < 0) continue;
      const isContradiction = closed.labels[i] !== sureOf;
      if (isContradiction) {
        contradictionCount++;
        if (at < 0) at = sketch.admit(source);
      }
      const probability = prediction.probability[i]!;
      if (at >= 0) sketch.add(at, sureOf === 0 ? probability : 1 - probability, isContradiction, scale);
    }
    return contradictionCount;
  }

  /** The label that every member is sure of, −1 without one. */
  private sureOf(members: Float32Array, from: number, memberCount: number): -1 | 0 | 1 {
    let highest = 0;
    let lowest = 1;
    for (let k = 0; k < memberCount; k++) {
      const p = members[from + k]!;
      if (p > highest) highest = p;
      if (p < lowest) lowest = p;
    }
    const { maxLabelProbability } = this.settings;
    if (highest <= maxLabelProbability) return 0;
    return 1 - lowest <= maxLabelProbability ? 1 : -1;
  }
}
