import type { Clock } from '../../ports/clock.js';
import { messageOf, SluiceError } from '../../errors.js';
import { INPUTS, type UnitOfWork } from '../../ports/transport.js';
import type { Appender } from './appender.js';
import { bounded } from './bounded.js';
import type { CommittedUnit } from './committed.js';
import type { CommittedOffset, Committer } from './committer.js';
import { asSluiceError, isHopeless } from './failures.js';
import { placeOf } from '../../config/input-places.js';
import { nameOf, type KafkaOptions } from './settings.js';

const MAX_BACKOFF_MS = 3_000;

export interface PlainCommitterNeeds {
  readonly options: KafkaOptions;
  readonly partition: number;
  /** Partitions that each input topic is known to have. */
  readonly partitionCount: () => number;
  /** Writes outside transactions, for this partition alone. */
  readonly appender: Appender;
  /** Commits as a member of the group: the broker refuses one of an earlier generation. */
  readonly commitOffsets: (offsets: readonly CommittedOffset[]) => Promise<void>;
  readonly readCommitted: () => Promise<CommittedUnit>;
  readonly signal: AbortSignal;
}

/**
 * Commits units without transactions: first the records, and once they are durable the offsets with the progress record.
 * A unit whose offsets do not get there is made again by whoever owns the partition next, with the same samples: readers
 * may see them twice, and never lose one.
 */
export class PlainCommitter implements Committer {
  private constructor(
    private readonly needs: PlainCommitterNeeds,
    private last: CommittedUnit,
  ) {}

  static async open(needs: PlainCommitterNeeds): Promise<PlainCommitter> {
    return new PlainCommitter(needs, await needs.readCommitted());
  }

  get committed(): CommittedUnit {
    return this.last;
  }

  newest(found: CommittedUnit): CommittedUnit {
    return found;
  }

  async commit(unit: UnitOfWork): Promise<void> {
    const { appender, options, signal } = this.needs;
    await this.untilDone(() => appender.append(unit.records));
    await this.untilDone(() => this.commitOffsets(unit));
    if (signal.aborted) throw this.fenced(undefined);
    this.last = { offsets: unit.offsets, progress: unit.progress, mark: options.application };
  }

  async close(): Promise<void> {
    const { appender, options } = this.needs;
    await bounded(appender.close(), 1_000, options.clock, 'disconnect').catch(() => undefined);
  }

  private commitOffsets(unit: UnitOfWork): Promise<void> {
    const { commitOffsets, options, partition, partitionCount } = this.needs;
    const { impressions, interactions } = unit.offsets;
    return this.inTime(
      commitOffsets([
        {
          topic: nameOf(options, 'impressions'),
          partition,
          offset: String(impressions),
          metadata: unit.progress,
        },
        { topic: nameOf(options, 'interactions'), partition, offset: String(interactions), metadata: 'at-least-once' },
        ...[...(unit.others ?? [])].flatMap(([numbered, offsets]) =>
          INPUTS.flatMap((input) => {
            const place = placeOf(options, input, numbered, partitionCount());
            return place === undefined ? [] : [{ ...place, offset: String(offsets[input]), metadata: '' }];
          }),
        ),
      ]),
    );
  }

  /** Tries again, ever later, while the partition is ours and `transport.stuckAfterMs` lasts. */
  private async untilDone(work: () => Promise<void>): Promise<void> {
    const { options, partition, signal } = this.needs;
    const { clock, logger, transport } = options;
    const deadlineMs = clock.monotonicMs() + transport.stuckAfterMs;
    for (let attempt = 1; ; attempt++) {
      if (signal.aborted) throw this.fenced(undefined);
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) throw this.fenced(error);
        if (isHopeless(error) || clock.monotonicMs() > deadlineMs) throw asSluiceError(error, transport.brokers);
        logger.debug('commit failed, trying again', { partition, attempt, why: messageOf(error) });
        await clock.sleep(Math.min(MAX_BACKOFF_MS, 50 * 2 ** attempt), signal);
      }
    }
  }

  private inTime<T>(work: Promise<T>): Promise<T> {
    const { options, partition } = this.needs;
    const clock: Clock = options.clock;
    return bounded(work, 2 * options.transport.requestTimeoutMs, clock, `partition ${partition}: commit`);
  }

  private fenced(cause: unknown): SluiceError {
    return new SluiceError('fenced', { partition: this.needs.partition }, { cause });
  }
}
