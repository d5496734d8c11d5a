import { float64Of, type CapturedColumns } from '../../state/captured.js';
import type { Key } from '../../state/keys.js';
import type { CapturedPart } from '../family.js';

/** Counts by key: the keys, and for each name as many numbers, in their order. */
export interface KeyCounts {
  readonly keys: readonly Key[];
  readonly counts: Readonly<Record<string, readonly number[]>>;
}

/** What this partition itself has counted under the keys of one table in the stretch of event time under way. */
export class Tally implements CapturedPart {
  private byKey = new Map<Key, Float64Array>();

  /** @param counted names of what the table counts */
  constructor(private readonly counted: readonly string[]) {}

  get names(): readonly string[] {
    return ['keys', ...this.counted];
  }

  /** @param at place of what happened among the names */
  add(key: Key, at: number, more: number): void {
    let counts = this.byKey.get(key);
    if (!counts) this.byKey.set(key, (counts = new Float64Array(this.counted.length)));
    counts[at]! += more;
  }

  /** Gives what was counted and begins anew. */
  take(): KeyCounts {
    const keys = [...this.byKey.keys()];
    const rows = [...this.byKey.values()];
    this.byKey = new Map();
    return { keys, counts: Object.fromEntries(this.counted.map((name, at) => [name, rows.map((row) => row[at]!)])) };
  }

  clear(): void {
    this.byKey.clear();
  }

  capture(): CapturedColumns {
    const rows = [...this.byKey.values()];
    return {
      keys: Float64Array.from(this.byKey.keys()),
      ...Object.fromEntries(this.counted.map((name, at) => [name, Float64Array.from(rows, (row) => row[at]!)])),
    };
  }

  restore(captured: CapturedColumns): void {
    this.byKey.clear();
    const columns = this.counted.map((name) => float64Of(captured, name));
    float64Of(captured, 'keys').forEach((key, row) => {
      this.byKey.set(
        key,
        Float64Array.from(columns, (column) => column[row] ?? 0),
      );
    });
  }
}
