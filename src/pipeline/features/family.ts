import type { Config } from '../../config/schema.js';
import type { InteractionType } from '../../events/index.js';
import type { CleanList } from '../admitted.js';
import type { ShownItem } from '../shown.js';
import type { CapturedColumns } from '../state/captured.js';
import type { Copying } from '../state/table-capture.js';

/** Finds the vector of a text; undefined for blank text or when nothing is embedded. */
export type VectorOf = (text: string) => Float32Array | undefined;

/**
 * What columns are computed from and what becomes of it at each event. Every part is optional. Families of one stream are
 * called in the order in which they were made, so that one finds what another one located before it.
 */
export interface Family {
  /** Finds what the list stands under, as of its turn. */
  locate?(list: CleanList, nowMs: number, vectorOf: VectorOf): void;
  /** Counts the list located last as shown. */
  shown?(list: CleanList, nowMs: number): void;
  /** Counts an interaction; `item` is known where its impression is. */
  acted?(item: ShownItem | undefined, reached: boolean, nowMs: number, type: InteractionType): void;
  /** Counts the first interaction of an impression that reached the goal, under the keys of the event. */
  clicked?(nowMs: number): void;
  /** What a checkpoint takes along, by name. */
  readonly parts?: Readonly<Record<string, CapturedPart>>;
}

/** The settings that decide what is remembered, and what it means. */
export interface FeatureSettings {
  readonly features: Config['features'];
  /** Of all surfaces, as text. */
  readonly goal: string;
  /** Changes with everything that changes a text's vector. */
  readonly encoder: string;
}

/** A part of the state that a checkpoint takes along. */
export interface CapturedPart {
  /** Columns it has: a name changes with whatever changes the meaning of its numbers. */
  readonly names: readonly string[];
  /** The part as it is now, at once. */
  capture(): CapturedColumns;
  /** The part as it is now, copied later; absent where {@link capture} costs next to nothing. */
  beginCapture?(): Copying;
  /** Takes over what was captured; a column that was not begins at 0. */
  restore(captured: CapturedColumns): void;
}
