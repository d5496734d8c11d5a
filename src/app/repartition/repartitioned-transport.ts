import { messageOf, whyOf } from '../../errors.js';
import type { Config } from '../../config/schema.js';
import type { Gate } from '../../pipeline/admit.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import {
  NOTHING_FETCHED,
  type AssignmentListener,
  type Committed,
  type InputGrowth,
  type InputTails,
  INPUTS,
  type MissingTopic,
  type NewRecord,
  type PartitionLease,
  type ReadFrom,
  type TopicReader,
  type TopicRole,
  type Transport,
} from '../../ports/transport.js';
import { Mending } from '../mend.js';
import { moveBySession, moveTo, type Positions } from './move.js';
import { restored } from './moved-record.js';
import { Through } from './through.js';

export interface RepartitionDeps {
  readonly config: Config;
  readonly gate: () => Gate;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics | undefined;
}

/**
 * A transport whose inputs are the topics by session. What is appended to an input goes to the topic that others write;
 * while the application is joined, one instance of it moves the messages on ({@link moveBySession}). A lease has come to the
 * end of the input only when that step has.
 */
export class RepartitionedTransport implements Transport {
  /** Joins and leaves so far. */
  private stays = 0;

  constructor(
    /** Over the topics that others write; its outputs are the topics by session. */
    private readonly before: Transport,
    /** Over the topics by session. */
    private readonly behind: Transport,
    private readonly deps: RepartitionDeps,
  ) {}

  async prepare(): Promise<void> {
    await this.before.prepare();
    await this.behind.prepare();
  }

  async missingTopics(): Promise<readonly MissingTopic[]> {
    const before = await this.before.missingTopics();
    return [...before.filter(({ role }) => isInput(role)), ...(await this.behind.missingTopics())];
  }

  partitionCount(topic: TopicRole): Promise<number> {
    return this.behind.partitionCount(topic);
  }

  /** The topics by session keep their size when others' topics grow, so that no session moves. */
  async grownInputs(): Promise<InputGrowth> {
    const [before, behind] = [await this.before.grownInputs(), await this.behind.grownInputs()];
    return {
      topics: [...before.topics, ...behind.topics],
      waitsFor: before.waitsFor ?? behind.waitsFor,
      movesSessions: behind.movesSessions,
    };
  }

  recordLimit(topic: TopicRole): Promise<number> {
    return this.behind.recordLimit(topic);
  }

  async othersInGroup(): Promise<readonly string[]> {
    return [...(await this.before.othersInGroup()), ...(await this.behind.othersInGroup())];
  }

  async join(listener: AssignmentListener): Promise<void> {
    const { clock, metrics } = this.deps;
    const through = new Through(this.before, clock, metrics);
    const stay = ++this.stays;
    await this.behind.join({
      assigned: (lease) => listener.assigned(endingBehind(lease, through)),
      ailing: (what, reason) => listener.ailing?.(what, reason),
      failed: (error) => listener.failed(error),
    });
    if (stay !== this.stays) return;
    try {
      await this.before.join({
        assigned: (lease) => this.own(lease, listener),
        ailing: (_, reason) => listener.ailing?.('repartition', reason),
        failed: (error) => listener.failed(error),
      });
    } catch (error) {
      await this.behind.leave();
      throw error;
    }
  }

  async leave(): Promise<void> {
    this.stays++;
    await Promise.all([this.before.leave(), this.behind.leave()]);
  }

  async append(records: readonly NewRecord[]): Promise<void> {
    const input = records.filter(({ topic }) => isInput(topic));
    if (input.length > 0) await this.before.append(input);
    if (input.length < records.length) await this.behind.append(records.filter(({ topic }) => !isInput(topic)));
  }

  publish(records: readonly NewRecord[]): Promise<void> {
    return this.behind.publish(records);
  }

  async reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader> {
    const reader = await this.behind.reader(topics, from, partition);
    if (!topics.some(isInput)) return reader;
    return {
      poll: async (waitMs) =>
        (await reader.poll(waitMs)).map((record) => (isInput(record.topic) ? restored(record) : record)),
      caughtUp: (mayBeOldMs) => reader.caughtUp(mayBeOldMs),
      close: () => reader.close(),
    };
  }

  /** Lets the step begin with what comes next. Joins, so that no run of the application can be under way. */
  async passOver(signal: AbortSignal): Promise<void> {
    const { before } = this;
    const ends = {
      impressions: await before.endOffsets('impressions'),
      interactions: await before.endOffsets('interactions'),
    };
    try {
      await new Promise<void>((done, failed) => {
        const stop = (): void => failed(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        const assigned = async (lease: PartitionLease): Promise<void> => {
          if (lease.partition === 0) await moveTo(lease, ends).then(done, failed);
        };
        before.join({ assigned, failed }).catch(failed);
      });
    } finally {
      await before.leave();
    }
  }

  tails(): Promise<InputTails> {
    return this.behind.tails();
  }

  committedAll(): Promise<ReadonlyMap<number, Committed>> {
    return this.behind.committedAll();
  }

  endOffsets(topic: TopicRole): Promise<readonly number[]> {
    return this.behind.endOffsets(topic);
  }

  async close(): Promise<void> {
    await this.leave();
    await this.behind.close();
    await this.before.close();
  }

  /** The owner of partition 0 moves the messages of all; the others stand by. */
  private async own(lease: PartitionLease, listener: AssignmentListener): Promise<void> {
    const { signal } = lease;
    if (lease.partition !== 0)
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    const { clock, logger, metrics, config } = this.deps;
    const mending = new Mending(clock);
    let isAiling = false;
    let from: Positions | undefined;
    while (!signal.aborted) {
      try {
        logger.info('moving messages to the partitions of their sessions', { application: config.application });
        await moveBySession(lease, {
          ...this.deps,
          gate: this.deps.gate(),
          transport: this.before,
          from,
          moved: (counts, to) => {
            from = to;
            for (const input of INPUTS)
              metrics?.count('sluice_repartitioned_records_total', counts[input], { topic: input });
            if (isAiling) listener.ailing?.('repartition', null);
            isAiling = false;
          },
        });
      } catch (thrown) {
        if (signal.aborted) return;
        listener.ailing?.('repartition', messageOf(thrown));
        isAiling = true;
        try {
          const restarts = await mending.again(thrown, signal);
          logger.warn('the repartition step failed, beginning it again', { restarts, reason: whyOf(thrown) });
        } catch (last) {
          return listener.failed(last instanceof Error ? last : new Error(String(last)));
        }
      }
    }
  }
}

function isInput(topic: TopicRole): boolean {
  return (INPUTS as readonly TopicRole[]).includes(topic);
}

/** The lease of a partition by session: its end is that of the inputs, its messages as they lay there. */
function endingBehind(lease: PartitionLease, through: Through): PartitionLease {
  let seeks = 0;
  return {
    partition: lease.partition,
    signal: lease.signal,
    committed: () => lease.committed(),
    seek(offsets) {
      seeks++;
      return lease.seek(offsets);
    },
    async poll(input, maxBytes, waitMs) {
      const before = seeks;
      // Asked first: what went through by then is what the poll finds.
      const isThrough = await through.isThrough();
      if (seeks !== before) return NOTHING_FETCHED;
      const fetched = await lease.poll(input, maxBytes, waitMs);
      return { ...fetched, records: fetched.records.map(restored), caughtUp: fetched.caughtUp && isThrough };
    },
    commit: (unit) => lease.commit(unit),
  };
}

/** Begins what follows the inputs by session at the ends of the inputs; does nothing for any other transport. */
export async function passOverInputs(transport: Transport, signal: AbortSignal): Promise<void> {
  if (transport instanceof RepartitionedTransport) await transport.passOver(signal);
}
