import type { Clock } from '../../ports/clock.js';
import { INPUTS, type InputName } from '../../ports/transport.js';
import type { Admitted } from '../admitted.js';
import type { Messages } from '../messages.js';
import type { Course, Reach } from './course.js';
import { Credence } from './credence.js';
import type { Belief, ForcedAdvance } from './decree.js';
import { Idleness, type IdleSettings } from './idleness.js';
import type { Reorder } from './reorder.js';

/** What the course of life depends on. */
export interface ClockCourseSettings extends IdleSettings {
  /** How far a clock may be ahead of ours. */
  readonly maxFutureMs: number;
  readonly maxReorderBytes: number;
  /** Input is complete: once all of it is read everything is let go. */
  readonly untilEnd: boolean;
}

/** What stands behind the order. */
export interface Behind {
  /** True while so much waits to be scored that nothing more is read. */
  readonly isFull: boolean;
  /** True while anything waits for the watermark. */
  readonly isWaiting: boolean;
  /** Advances of the watermark that the progress record holds. */
  readonly advanceCount: number;
}

/** The course of life: the wall clock lets windows close that the input does not, and the input that runs ahead is held. */
export class ClockCourse implements Course {
  private readonly idleness: Idleness;
  private readonly credence: Credence;
  isEnded = false;

  constructor(
    private readonly settings: ClockCourseSettings,
    private readonly reorder: Reorder,
    private readonly behind: Behind,
    private readonly clock: Pick<Clock, 'monotonicMs' | 'nowMs'>,
  ) {
    this.idleness = new Idleness(settings, clock.monotonicMs());
    this.credence = new Credence(settings, clock.monotonicMs());
  }

  reach(): Reach | undefined {
    return this.behind.isFull
      ? undefined
      : { before: NO_BARRIER, held: this.held(), mayGather: !this.settings.untilEnd };
  }

  advance({
    messages,
    caughtUp,
  }: Pick<Messages<Admitted>, 'messages' | 'caughtUp'>): ForcedAdvance | Belief | undefined {
    const { settings, reorder, idleness, credence, clock } = this;
    for (const input of INPUTS) {
      // What was rejected has no time, so a topic of nothing else is as good as silent.
      if (messages.some((event) => event.input === input && event.kind !== 'rejected'))
        idleness.heard(input, clock.monotonicMs());
    }
    const isEnd = settings.untilEnd && INPUTS.every((input) => caughtUp[input] > -Infinity) && !this.isEnded;
    if (isEnd) this.isEnded = true;
    if (!this.behind.isWaiting) return undefined;
    if (isEnd) return reorder.letGo();
    const recorded = this.behind.advanceCount;
    const nowMs = clock.monotonicMs();
    const vouched = credence.due(reorder, caughtUp, nowMs, settings.untilEnd ? Infinity : clock.nowMs(), recorded);
    if (vouched) return reorder.vouch(vouched.input, vouched.upToMs);
    const late = (): number | undefined =>
      settings.untilEnd ? undefined : idleness.lateFloorMs(reorder, caughtUp, nowMs, recorded);
    const floorMs = idleness.floorMs(reorder, caughtUp, nowMs, settings.untilEnd, recorded) ?? late();
    return floorMs === undefined ? undefined : reorder.raiseFloor(floorMs);
  }

  /**
   * The input that is ahead is not read while what waits for the other one is over its bound. When the watermark is as close
   * behind it as the wall clock brings it, nothing waits for the other one any more, and it alone can move on.
   */
  private held(): Record<InputName, boolean> {
    const { reorder, idleness, settings } = this;
    const { watermark } = reorder;
    const { ahead } = watermark;
    const stepMs = idleness.stepMs(this.behind.advanceCount);
    const isHeld = reorder.waitingBytes > settings.maxReorderBytes && watermark.ms < watermark.furthestMs - stepMs;
    return { impressions: isHeld && ahead === 'impressions', interactions: isHeld && ahead === 'interactions' };
  }
}

const NO_BARRIER = { impressions: Infinity, interactions: Infinity };
