import type { StreamState } from '../follow.js';
import type { CapturedJoin } from '../join/join.js';
import type { PendingInteraction } from '../join/pending.js';
import type { Reorder, ReorderStart } from '../order/reorder.js';

/** A named column of numbers. */
export interface Section {
  readonly name: string;
  readonly values: Float64Array;
}

/**
 * A partition's state as it was between two units: everything but the feature rows of the open impressions, which the
 * input gives again. Columns are copies, texts are shared because nothing changes them: taking it is a few memcpys.
 */
export interface CapturedState {
  readonly sections: readonly Section[];
  readonly join: Omit<CapturedJoin, 'columns'>;
  readonly pending: readonly PendingInteraction[];
  readonly start: ReorderStart;
}

/** Captures a partition's state. */
export function captureState(state: StreamState, reorder: Reorder): CapturedState {
  const { columns, ...join } = state.join.capture();
  const named = (prefix: string, captured: Readonly<Record<string, Float64Array>>): Section[] =>
    Object.entries(captured).map(([name, values]) => ({ name: `${prefix}/${name}`, values }));
  return {
    sections: [
      ...Object.entries(state.features.tables()).flatMap(([name, table]) => named(`features/${name}`, table.capture())),
      ...named('seenImpressions', state.seenImpressions.capture()),
      ...named('seenInteractions', state.seenInteractions.capture()),
      ...named('join', columns),
    ],
    join,
    pending: state.pending.capture(),
    start: reorder.rewindPoint(),
  };
}

/** Puts a captured state into an empty one. */
export function restoreState(captured: CapturedState, state: StreamState): void {
  const under = (prefix: string): Record<string, Float64Array> =>
    Object.fromEntries(
      captured.sections.filter(({ name }) => name.startsWith(`${prefix}/`)).map(({ name, values }) => [name.slice(prefix.length + 1), values]),
    );
  for (const [name, table] of Object.entries(state.features.tables())) table.restore(under(`features/${name}`));
  state.seenImpressions.restore(under('seenImpressions'));
  state.seenInteractions.restore(under('seenInteractions'));
  state.join.restore({ ...captured.join, columns: under('join') });
  state.pending.restore(captured.pending);
}
