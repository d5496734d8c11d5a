import type { HeldBundle } from '../../bundle/sample.js';
import type { TrainingSample } from '../../events/words.js';
import type { Hash32 } from '../../ports/hash.js';
import { drawOf, recencyPriority, uniformOf } from './priority.js';
import { createRowSlab, type KeptRow } from './row-slab.js';

/** Sizes of what the learner holds. */
export interface RowsHeldSettings {
  readonly columnCount: number;
  readonly reservoirSize: number;
  readonly halfLifeSamples: number;
  readonly auditWindowSamples: number;
}

/** The rows to fit on and the rows to judge on. Both are functions of the set of records offered, in whatever order they came. */
export interface RowsHeld {
  /**
   * Offers a kept sample to the reservoir.
   * @param index how late it came, in kept samples: its place, or its offset × the partition count
   */
  train(sample: TrainingSample, index: number): void;
  /** Offers an audit sample to the window, which keeps the newest by event time. */
  audit(sample: TrainingSample): void;
  trainingRows(): HeldBundle;
  auditRows(): HeldBundle;
  readonly trainingSize: number;
  readonly auditSize: number;
}

/** Makes empty holdings. The audit window never meets the reservoir: nothing that judges is ever trained on. */
export function createRowsHeld(settings: RowsHeldSettings, hash: Hash32): RowsHeld {
  const reservoir = createRowSlab(settings.reservoirSize, settings.columnCount);
  const window = createRowSlab(settings.auditWindowSamples, settings.columnCount);
  return {
    train(sample, index) {
      const uniform = uniformOf(sample.sampleId, hash);
      reservoir.offer(recencyPriority(index, settings.halfLifeSamples, uniform), rowOf(sample, uniform, hash));
    },
    audit(sample) {
      const row = rowOf(sample, uniformOf(sample.sampleId, hash), hash);
      window.offer(row.timeKey, row);
    },
    trainingRows: () => reservoir.ordered(),
    auditRows: () => window.ordered(),
    get trainingSize() {
      return reservoir.size;
    },
    get auditSize() {
      return window.size;
    },
  };
}

/** The fraction orders the samples of one millisecond by chance, the same in every reading; where it is the same, the draw does. */
function rowOf(sample: TrainingSample, uniform: number, hash: Hash32): KeptRow {
  return {
    features: sample.features,
    label: sample.label,
    weight: sample.importanceWeight,
    offset: sample.logOddsOffset,
    surface: sample.surface,
    timeKey: sample.eventTimeMs + uniform,
    draw: drawOf(sample.sampleId, hash),
  };
}
