import { rowsOfReservoir } from '../../bundle/row-bytes.js';
import type { HeldBundle, PooledBundle } from '../../bundle/sample.js';
import { foldOf } from '../../events/fold.js';
import type { PoolFacts } from '../../events/pool-facts.js';
import { placeOfKept } from '../../events/sample-place.js';
import { SURFACES, type TrainingSample } from '../../events/words.js';
import type { Hash32 } from '../../ports/hash.js';
import { createLateLabels, type LabelledRows, type LateLabel } from './late-labels.js';
import { drawOf, recencyPriority, uniformOf } from './priority.js';
import { createRowSlab, type KeptRow } from './row-slab.js';

/** Sizes of what the learner holds. */
export interface RowsHeldSettings {
  readonly columnCount: number;
  readonly reservoirSize: number;
  readonly reservoirBytes: number;
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
  /** Offers the rows of a record of the pool's topic, in their order. */
  pool(rows: PooledBundle, facts: PoolFacts): void;
  /** Takes what a late interaction makes of a label. */
  correct(label: LateLabel): void;
  /** The kept samples, labelled as they were published. */
  trainingRows(): HeldBundle;
  /** The audit samples, labelled as they were published. */
  auditRows(): HeldBundle;
  /**
   * The rows to fit on, with the labels of now: those of the pool, or the kept samples while they are more.
   * @param seenBy samples of each partition that the fit is on; undefined: what has come
   */
  rowsToFit(seenBy?: readonly number[]): LabelledRows;
  /** The audit samples with the labels of now. */
  rowsToJudge(seenBy?: readonly number[]): LabelledRows;
  readonly trainingSize: number;
  readonly poolSize: number;
  readonly auditSize: number;
}

/** Makes empty holdings. The audit window never meets the reservoir: nothing that judges is ever trained on. */
export function createRowsHeld(settings: RowsHeldSettings, hash: Hash32): RowsHeld {
  const { columnCount, halfLifeSamples } = settings;
  const rowCount = rowsOfReservoir(settings, columnCount);
  const reservoir = createRowSlab(rowCount, columnCount);
  const pool = createRowSlab(rowCount, columnCount);
  const window = createRowSlab(settings.auditWindowSamples, settings.columnCount);
  const late = createLateLabels(rowCount + settings.auditWindowSamples, hash);
  return {
    train(sample, index) {
      const uniform = uniformOf(sample.sampleId, hash);
      reservoir.offer(recencyPriority(index, halfLifeSamples, uniform), rowOf(sample, uniform, hash));
    },
    pool(rows, { ordinal, partition, partitionCount }) {
      for (let i = 0; i < rows.rowCount; i++) {
        const name = String(rows.sampleKeys[i]!);
        const uniform = uniformOf(name, hash);
        const place = placeOfKept(ordinal + i, partition, partitionCount);
        pool.offer(recencyPriority(place, halfLifeSamples, uniform), {
          features: rows.rows.subarray(i * columnCount, (i + 1) * columnCount),
          label: rows.labels[i] === 1 ? 1 : 0,
          weight: rows.weights[i]!,
          offset: rows.offsets[i]!,
          surface: SURFACES[rows.surfaces[i]!]!,
          fold: rows.folds[i] === 1 ? 1 : 0,
          timeKey: rows.timesMs[i]! + uniform,
          draw: drawOf(name, hash),
        });
      }
    },
    audit(sample) {
      const row = rowOf(sample, uniformOf(sample.sampleId, hash), hash);
      window.offer(row.timeKey, row);
    },
    trainingRows: () => reservoir.ordered(),
    auditRows: () => window.ordered(),
    correct: (label) => late.add(label),
    rowsToFit: (seenBy) => late.apply((pool.size >= reservoir.size ? pool : reservoir).ordered(), seenBy),
    rowsToJudge: (seenBy) => late.apply(window.ordered(), seenBy),
    get trainingSize() {
      return reservoir.size;
    },
    get poolSize() {
      return pool.size;
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
    fold: sample.fold ?? foldOf(sample.sessionPseudonym, hash),
    timeKey: sample.eventTimeMs + uniform,
    draw: drawOf(sample.sampleId, hash),
  };
}
