import type { Config } from '../../config/schema.js';
import { hasHistory } from '../../events/asked-histories.js';
import { leastExamination } from '../../events/examination.js';
import type { InputOffsets } from '../../ports/transport.js';
import { shapeOf, shortHash } from '../features/features.js';
import type { Lane } from '../join/lane.js';
import type { Reorder } from '../order/reorder.js';
import type { KeyOf } from '../state/keys.js';
import type { StreamState } from '../stream-state.js';
import { captureState, type CapturedState } from './capture.js';

/**
 * A whole checkpoint has the feature rows of what is not emitted yet, too, so that it may be restored from at once and next to
 * nothing is read again. It stands beside the ordinary ones, in slots of its own: where it does not fit (other features,
 * damage), a restore goes the long way, as if it were not there.
 */
export interface WholeCheckpoint {
  readonly wholeId: number;
  /** Ordinary checkpoints of a higher id are newer. */
  readonly afterId: number;
  /** Names the settings that its rows were made under. */
  readonly shape: string;
  /** Where a re-read from the ordinary checkpoint begins; undefined without one. */
  readonly ordinaryOffsets: InputOffsets | undefined;
}

/**
 * Names what rows are made under; undefined where there are no whole checkpoints, because samples carry more than facts: text
 * vectors are too large, texts stand in no checkpoint, and histories as of each list would stand there many times over.
 */
export function wholeShapeOf(
  config: Pick<Config, 'features' | 'label' | 'encoder' | 'output' | 'privacy'>,
  keyOf: KeyOf,
): string | undefined {
  const { embeddings, carry } = config.output;
  if (embeddings || carry.length > 0 || hasHistory(config.features.history)) return undefined;
  // What is closed in it is marked as examined or not.
  const examination = leastExamination(config.label);
  const shape = shapeOf(config, keyOf);
  return Object.keys(examination).length === 0 ? shape : shortHash([shape, examination], keyOf);
}

/** Captures a state whole. */
export function captureWhole(state: StreamState, reorder: Reorder): CapturedState {
  const captured = captureState(state, reorder);
  const rows = rowsOf(state.join).map(({ lane, name, count }) => {
    const values = new Float32Array(count * lane.columnCount);
    lane.rows.gather(lane.emittedBefore, count, values);
    return { name, values };
  });
  return { ...captured, sections: [...captured.sections, ...rows] };
}

/** Bytes that only a whole checkpoint holds, before they are packed: rows, and about what stands beside them. */
export function wholeBytes({ join }: StreamState): number {
  const count = rowsOf(join).reduce((sum, lane) => sum + lane.count, 0);
  return count * (join.open.columnCount * Float32Array.BYTES_PER_ELEMENT + BYTES_AN_IMPRESSION);
}

/** Puts the rows of a whole checkpoint into a state that the rest of it is in. */
export function restoreRows({ sections }: CapturedState, { join }: StreamState): void {
  for (const { lane, name, count } of rowsOf(join)) {
    const rows = sections.find((section) => section.name === name)?.values;
    if (!(rows instanceof Float32Array) || rows.length !== count * lane.columnCount)
      throw new RangeError('its feature rows are not those of its impressions');
    lane.rows.put(lane.emittedBefore, count, rows);
  }
}

/** What is not emitted yet, by lane, and the section that holds its rows. */
function rowsOf({ lanes }: StreamState['join']): readonly { lane: Lane; name: string; count: number }[] {
  return lanes
    .filter(({ index, isUsed }) => index === 0 || isUsed)
    .map((lane) => ({
      lane,
      name: lane.index === 0 ? ROWS : `${ROWS}.${lane.index}`,
      count: lane.end - lane.emittedBefore,
    }));
}

const ROWS = 'rows';
/** Columns of an open impression, and its part of the shown list. */
const BYTES_AN_IMPRESSION = 100;
