import type { Config } from '../../config/schema.js';
import type { CleanInteraction, CleanList } from '../admitted.js';
import { mix, type Key, type KeyOf } from '../state/keys.js';
import { describeList, FEATURE_COLUMN_COUNT, passList } from './describe.js';
import { FeatureState, type CapturedPart } from './feature-state.js';
import { keptColumns, narrowRows } from './kept-columns.js';
import { ListFacts } from './list-facts.js';
import { countClick, countInteraction, countShown } from './observe.js';
import type { VectorOf } from './text-columns.js';

export type { CapturedPart } from './feature-state.js';
export type { VectorOf } from './text-columns.js';

/**
 * The features of one partition: what they remember, and what becomes of it at each event. A list is located, its rows are
 * written (or not), and then it is counted with `shown`, in this order and with nothing between.
 */
export class Features {
  /** Numbers a row. */
  readonly width: number;
  private readonly state: FeatureState;
  private readonly facts = new ListFacts();
  private readonly columns: Int32Array;
  private isWritten = false;
  private vectorOf: VectorOf = () => undefined;
  private wide = new Float32Array(64 * FEATURE_COLUMN_COUNT);

  constructor(
    settings: Config['features'],
    readonly keyOf: KeyOf,
  ) {
    this.state = new FeatureState(settings, keyOf);
    this.columns = keptColumns(settings.omit).indexes;
    this.width = this.columns.length;
  }

  /** Key of the session that the list located last was shown to. */
  get session(): Key {
    return this.facts.session;
  }

  /** Keys of the items of the list located last; valid until the next list. */
  get itemKeys(): Float64Array {
    return this.facts.itemKeys;
  }

  sessionKeyOf(session: string): Key {
    return mix(this.state.namespaces.session, this.keyOf(session));
  }

  /** Finds everything that a list stands under, as of its turn. */
  locate(list: CleanList, nowMs: number, vectorOf: VectorOf): void {
    this.facts.locate(list, this.state, nowMs);
    this.vectorOf = vectorOf;
    this.isWritten = false;
  }

  /**
   * Writes the rows of the list located last, from the state before it. The state afterwards does not depend on whether
   * rows were written.
   * @param rows at least items × width, row-major
   */
  write(list: CleanList, nowMs: number, rows: Float32Array): void {
    const length = list.items.length * FEATURE_COLUMN_COUNT;
    if (this.wide.length < length) this.wide = new Float32Array(length);
    describeList(list, this.facts, this.state, nowMs, this.vectorOf, this.wide);
    narrowRows(this.wide, list.items.length, this.columns);
    rows.set(this.wide.subarray(0, list.items.length * this.width));
    this.isWritten = true;
  }

  /** Counts the list located last as shown. */
  shown(list: CleanList, nowMs: number): void {
    if (!this.isWritten) passList(list, this.facts, this.state, nowMs, this.vectorOf);
    countShown(list, this.facts, this.state, nowMs);
  }

  /**
   * Counts an interaction, with or without an impression (list and index) it belongs to.
   * @param reached true when it is as strong as the goal
   */
  acted(
    interaction: CleanInteraction,
    impression: { readonly list: CleanList; readonly index: number } | undefined,
    reached: boolean,
    nowMs: number,
  ): void {
    countInteraction(interaction, impression, reached, this.state, nowMs);
  }

  /** Counts the first interaction of an impression that reached the goal, on everything the impression stood under. */
  clicked(list: CleanList, index: number, nowMs: number): void {
    countClick(list, index, this.state, nowMs);
  }

  /** The parts of the state by name, for checkpoints. */
  tables(): Readonly<Record<string, CapturedPart>> {
    return this.state.tables();
  }
}
