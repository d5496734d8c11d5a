import type { HeldBundle } from '../../bundle/sample.js';
import { isKnownAt, type Correction } from '../../events/correction.js';
import type { Hash32 } from '../../ports/hash.js';
import { drawOf, uniformOf } from './priority.js';

/** A late interaction that makes a sample positive. */
export interface LateLabel {
  readonly sampleId: string;
  readonly impressionTimeMs: number;
  readonly correction: Correction;
}

/** Rows with the labels that are known by now. */
export type LabelledRows = HeldBundle & {
  /** 1 for a row that was selected as a negative and is none; absent: there is no such row. */
  readonly late?: Uint8Array;
};

/** Corrections of the labels of held rows. What they do follows from the set of them, in whatever order they came. */
export interface LateLabels {
  add(label: LateLabel): void;
  /** Labels copied rows. @param seenBy as for `isKnownAt` */
  apply(rows: HeldBundle, seenBy: readonly number[] | undefined): LabelledRows;
}

interface Held {
  readonly timeMs: number;
  readonly correction: Correction;
  /** Time keys and draws by which rows name the sample: one by its id, the other by its key. */
  readonly names: readonly (readonly [timeKey: number, draw: number])[];
}

/** Makes an empty holding. @param capacity rows that there may be to correct; of many more corrections the newest stay */
export function createLateLabels(capacity: number, hash: Hash32): LateLabels {
  let held: Held[] = [];

  function nameOf(name: string, timeMs: number): readonly [number, number] {
    return [timeMs + uniformOf(name, hash), drawOf(name, hash)];
  }

  return {
    add({ sampleId, impressionTimeMs: timeMs, correction }) {
      const names = [nameOf(sampleId, timeMs), nameOf(String(correction.sampleKey), timeMs)];
      held.push({ timeMs, correction, names });
      if (held.length < 2 * MOST_A_ROW * capacity) return;
      held = held.sort((a, b) => b.timeMs - a.timeMs).slice(0, MOST_A_ROW * capacity);
    },
    apply(rows, seenBy) {
      const known = new Map<number, Set<number>>();
      for (const { correction, names } of held) {
        if (!isKnownAt(correction, seenBy)) continue;
        for (const [timeKey, draw] of names) known.set(timeKey, (known.get(timeKey) ?? new Set()).add(draw));
      }
      if (known.size === 0) return rows;
      const late = new Uint8Array(rows.rowCount);
      for (let i = 0; i < rows.rowCount; i++) {
        if (rows.labels[i] === 1 || !known.get(rows.timeKeys[i]!)?.has(rows.draws[i]!)) continue;
        rows.labels[i] = late[i] = 1;
      }
      return { ...rows, late };
    },
  };
}

/** Corrections held for each row that may be held: rows stay by chance, some longer than those that came after them. */
const MOST_A_ROW = 4;
