import { INPUTS, type InputName, type InputOffsets } from '../../ports/transport.js';
import type { Course, Reach } from './course.js';
import type { Belief, Decree, ForcedAdvance, SettingsSwitch } from './decree.js';
import type { Reorder } from './reorder.js';

/**
 * The course of a re-read: up to the committed offsets and never past a recorded advance, each repeated where it happened,
 * one a unit of work as the first time.
 */
export class RecordedCourse implements Course {
  private readonly marks: readonly Mark[];
  private at = 0;
  readonly isEnded = false;

  /** @param until where the re-read ends */
  constructor(
    private readonly reorder: Reorder,
    decrees: readonly Decree[],
    until: InputOffsets,
  ) {
    this.marks = [...decrees, until];
  }

  /** True once everything up to the end has been read and repeated. */
  get isDone(): boolean {
    return this.at === this.marks.length;
  }

  reach(): Reach | undefined {
    const before = this.marks[this.at];
    if (!before) return undefined;
    const held = { impressions: this.isAt(before, 'impressions'), interactions: this.isAt(before, 'interactions') };
    return held.impressions && held.interactions ? undefined : { before, held };
  }

  advance(): ForcedAdvance | Belief | undefined {
    const mark = this.reached();
    if (!mark || 'settings' in mark) return undefined;
    this.at++;
    if ('believes' in mark) return this.reorder.vouch(mark.believes, mark.upToMs);
    if (!('floorMs' in mark)) return undefined;
    return mark.floorMs === null ? this.reorder.letGo() : this.reorder.raiseFloor(mark.floorMs);
  }

  /** The switch of settings that is due before anything more is read, once; undefined: none. */
  takeSwitch(): SettingsSwitch | undefined {
    const mark = this.reached();
    if (!mark || !('settings' in mark)) return undefined;
    this.at++;
    return mark;
  }

  private reached(): Mark | undefined {
    const mark = this.marks[this.at];
    return mark && INPUTS.every((input) => this.isAt(mark, input)) ? mark : undefined;
  }

  private isAt(mark: InputOffsets, input: InputName): boolean {
    return this.reorder.offsets[input] >= mark[input];
  }
}

/** A place in the log to stop at: a decree to repeat, or the end, which is none. */
type Mark = Decree | InputOffsets;
