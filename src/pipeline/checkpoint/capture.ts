import type { NumericColumn } from '../../bundle/bundle.js';
import type { StreamState } from '../stream-state.js';
import type { CapturedJoin } from '../join/join.js';
import type { PendingInteraction } from '../join/pending.js';
import type { Reorder, ReorderStart } from '../order/reorder.js';
import type { CapturedColumns } from '../state/captured.js';
import type { Copying } from '../state/table-capture.js';

/** A named column of numbers, whole or in parts that follow one another. */
export interface Section {
  readonly name: string;
  readonly values: NumericColumn | readonly NumericColumn[];
}

/**
 * A partition's state as it was between two units: everything but the feature rows of the open impressions, which the
 * input gives again. Texts and vectors are shared because nothing changes them; what is large and changes is copied by
 * {@link completeCapture}.
 */
export interface CapturedState {
  readonly sections: readonly Section[];
  readonly join: Omit<CapturedJoin, 'columns'>;
  readonly pending: readonly PendingInteraction[];
  readonly start: ReorderStart;
  /** Tables whose sections are not all copied yet. */
  readonly copying: readonly Copying[];
}

/** Captures a partition's state; takes about as long as copying the open impressions. */
export function captureState(state: StreamState, reorder: Reorder): CapturedState {
  const { columns, ...join } = state.join.capture();
  const copying: Copying[] = [];
  const named = (prefix: string, captured: CapturedColumns): Section[] =>
    Object.entries(captured).map(([name, values]) => ({ name: `${prefix}/${name}`, values }));
  const features = Object.entries(state.features.tables()).flatMap(([name, part]) => {
    const begun = part.beginCapture?.();
    if (begun) copying.push(begun);
    return named(`features/${name}`, begun?.columns ?? part.capture());
  });
  const conduct = state.conduct.beginCapture();
  copying.push(conduct);
  const seen = (['seenImpressions', 'seenInteractions'] as const).flatMap((name) => {
    const begun = state[name].beginCapture();
    copying.push(begun.copying);
    return named(name, begun.columns);
  });
  return {
    sections: [...features, ...named('conduct', conduct.columns), ...seen, ...named('join', columns)],
    join,
    pending: state.pending.capture(),
    start: reorder.rewindPoint(),
    copying,
  };
}

/** Copies what a capture left for later, a fraction of a millisecond at a time, between whatever else runs. */
export async function completeCapture({ copying }: CapturedState): Promise<void> {
  for (const table of copying) {
    while (!table.isDone) {
      table.copyOn(BYTES_A_TURN);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const BYTES_A_TURN = 524_288;

/**
 * Puts a captured state into an empty one. What columns remember is told by names that change with whatever changes the
 * meaning of a number (half-life, goal, encoder, …), so that none is taken for another.
 * @returns names of what the state keeps and the capture lacks: it begins empty
 */
export function restoreState(captured: CapturedState, state: StreamState): readonly string[] {
  const under = (prefix: string): CapturedColumns =>
    Object.fromEntries(
      captured.sections
        .filter(({ name }) => name.startsWith(`${prefix}/`))
        .map(({ name, values }) => [name.slice(prefix.length + 1), values]),
    );
  const lacking: string[] = [];
  for (const [name, part] of Object.entries(state.features.tables())) {
    const columns = under(`features/${name}`);
    part.restore(columns);
    lacking.push(...part.names.filter((column) => !(column in columns)).map((column) => `${name}/${column}`));
  }
  state.conduct.restore(under('conduct'));
  state.seenImpressions.restore(under('seenImpressions'));
  state.seenInteractions.restore(under('seenInteractions'));
  state.join.restore({ ...captured.join, columns: under('join') });
  state.pending.restore(captured.pending);
  return lacking;
}
