import type { Clock } from '../../ports/clock.js';
import { recordSize } from '../../ports/record-size.js';
import { INPUTS, type InputName, type LogRecord } from '../../ports/transport.js';
import type { Watermark } from '../order/watermark.js';
import type { CaughtUp } from '../read/input-reader.js';
import type { DeltaFeed } from './delta-feed.js';

/** How the next chunk of a backlog is to be read. */
export interface Stride {
  /** Bytes of each input at most. */
  readonly maxBytes: Readonly<Record<InputName, number>>;
  /** Inputs that are ahead of the other one. */
  readonly held: Readonly<Record<InputName, boolean>>;
}

/** What is known of an input. */
interface Course {
  /** Bytes that a stretch of event time took of late. */
  stretchBytes: number;
  /** Bytes read since event time went on. */
  readBytes: number;
  newestMs: number;
}

const FIRST_BYTES = 4_096;
/** How long a partition that tells nothing is waited for. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 5;

/**
 * Lets partitions go through a backlog side by side, so that each knows what the others had counted by then: a unit of work is
 * about one stretch of event time, and whoever is ahead waits a moment. Where nothing is left to catch up with it does nothing.
 */
export class Pace {
  private readonly beganMs: number;
  private readonly courses: Readonly<Record<InputName, Course>> = {
    impressions: { stretchBytes: FIRST_BYTES, readBytes: 0, newestMs: -Infinity },
    interactions: { stretchBytes: FIRST_BYTES, readBytes: 0, newestMs: -Infinity },
  };

  constructor(
    private readonly feed: DeltaFeed,
    private readonly settings: {
      /** Length of a stretch. */
      readonly everyMs: number;
      readonly maxBytes: number;
      readonly partition: number;
      readonly partitionCount: number;
    },
    private readonly watermark: Pick<Watermark, 'newestTimeMs'>,
    private readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>,
  ) {
    this.beganMs = clock.monotonicMs();
  }

  /**
   * Says how to read on, after a wait for the partitions that are behind this one and move.
   * @param stretchMs where this one is
   * @param caughtUp inputs that have been read to their ends hold nobody
   * @param signal ends the wait
   */
  async next(stretchMs: number, caughtUp: CaughtUp, signal: AbortSignal): Promise<Stride> {
    while (stretchMs > -Infinity) {
      await this.feed.hearAll();
      if (signal.aborted || !this.isAhead(stretchMs)) break;
      await this.clock.sleep(PAUSE_MS);
    }
    const { impressions, interactions } = this.courses;
    const aheadMs = this.watermark.newestTimeMs('impressions') - this.watermark.newestTimeMs('interactions');
    const { everyMs } = this.settings;
    return {
      maxBytes: { impressions: impressions.stretchBytes, interactions: interactions.stretchBytes },
      held: {
        impressions: aheadMs > everyMs && caughtUp.interactions === -Infinity,
        interactions: -aheadMs > everyMs && caughtUp.impressions === -Infinity,
      },
    };
  }

  /** Notes what was read, before it is taken in. */
  took(records: Readonly<Record<InputName, readonly LogRecord[]>>): void {
    for (const input of INPUTS) {
      const course = this.courses[input];
      this.fit(course, this.watermark.newestTimeMs(input));
      for (const record of records[input]) course.readBytes += recordSize(record);
    }
  }

  /** Fits the next chunk to the event time that the last ones took. */
  private fit(course: Course, newestMs: number): void {
    const { everyMs, maxBytes } = this.settings;
    if (newestMs > course.newestMs && course.newestMs > -Infinity) {
      const found = (course.readBytes * everyMs) / (newestMs - course.newestMs);
      course.stretchBytes = Math.max(1, Math.min(maxBytes, Math.round((course.stretchBytes + found) / 2)));
    }
    if (newestMs > course.newestMs) course.readBytes = 0;
    course.newestMs = newestMs;
  }

  private isAhead(stretchMs: number): boolean {
    const { everyMs, partition, partitionCount } = this.settings;
    const sinceMs = this.clock.monotonicMs() - PATIENCE_MS;
    for (let other = 0; other < partitionCount; other++) {
      if (other === partition) continue;
      const { entersMs, heardAtMs } = this.feed.others.get(other) ?? { entersMs: -Infinity, heardAtMs: this.beganMs };
      if (entersMs < stretchMs - everyMs && heardAtMs > sinceMs) return true;
    }
    return false;
  }
}
