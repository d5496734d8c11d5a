import { INPUTS, type InputName, type InputOffsets } from '../../ports/transport.js';
import type { Course, Reach } from './course.js';
import type { ForcedAdvance, Reorder } from './reorder.js';

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
    advances: readonly ForcedAdvance[],
    until: InputOffsets,
  ) {
    this.marks = [...advances, { ...until, floorMs: undefined }];
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

  advance(): ForcedAdvance | undefined {
    const mark = this.marks[this.at];
    if (!mark || !INPUTS.every((input) => this.isAt(mark, input))) return undefined;
    this.at++;
    if (mark.floorMs === undefined) return undefined;
    return mark.floorMs === null ? this.reorder.letGo() : this.reorder.raiseFloor(mark.floorMs);
  }

  private isAt(mark: InputOffsets, input: InputName): boolean {
    return this.reorder.offsets[input] >= mark[input];
  }
}

/** A place in the log to stop at: an advance to repeat, or the end, where there is none. */
interface Mark extends InputOffsets {
  readonly floorMs: number | null | undefined;
}
