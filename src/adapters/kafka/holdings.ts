import { messageOf, SluiceError } from '../../errors.js';
import type { AssignmentListener } from '../../ports/transport.js';
import type { Committer } from './committer.js';
import { asSluiceError, isHopeless } from './failures.js';
import type { KafkaLease } from './lease.js';
import { NO_RESTARTS, noteRestart } from './restarts.js';
import type { KafkaOptions } from './settings.js';

const MAX_BACKOFF_MS = 5_000;

export interface HoldingsNeeds {
  readonly options: KafkaOptions;
  readonly listener: AssignmentListener;
  /** Fences older owners of the partition and reads its last committed unit. */
  readonly openCommitter: (partition: number, signal: AbortSignal) => Promise<Committer>;
  readonly lease: (partition: number, committer: Committer) => KafkaLease;
}

interface Holding {
  readonly released: AbortController;
  /** Resolves when owner and producer are gone. */
  readonly ended: Promise<void>;
}

/**
 * The partitions of this instance, each with at most one owner at a time. A partition that stays ours over a rebalance
 * keeps its lease; one that was fenced although it is ours is opened again.
 */
export class Holdings {
  private readonly held = new Map<number, Holding>();
  private readonly ending = new Map<number, Promise<void>>();

  constructor(private readonly needs: HoldingsNeeds) {}

  /** Partition numbers held now. */
  get partitions(): readonly number[] {
    return [...this.held.keys()];
  }

  /** Makes `partitions` the ones held: releases the others, opens the new ones. */
  assign(partitions: readonly number[]): void {
    const wanted = new Set(partitions);
    for (const partition of this.held.keys()) if (!wanted.has(partition)) this.release(partition);
    for (const partition of wanted) if (!this.held.has(partition)) this.hold(partition);
  }

  /** Releases everything and waits for the owners, within the bound. */
  async releaseAll(): Promise<void> {
    this.assign([]);
    await Promise.all(this.ending.values());
  }

  private hold(partition: number): void {
    const released = new AbortController();
    const before = this.ending.get(partition) ?? Promise.resolve();
    this.held.set(partition, { released, ended: before.then(() => this.own(partition, released.signal)) });
  }

  private release(partition: number): void {
    const holding = this.held.get(partition);
    if (holding === undefined) return;
    this.held.delete(partition);
    holding.released.abort();
    const ended = holding.ended.finally(() => {
      this.needs.listener.ailing?.(codeOf(partition), null);
      if (this.ending.get(partition) === ended) this.ending.delete(partition);
    });
    this.ending.set(partition, ended);
  }

  private async own(partition: number, released: AbortSignal): Promise<void> {
    const { listener, options } = this.needs;
    let fencings = NO_RESTARTS;
    while (!released.aborted) {
      const committer = await this.open(partition, released);
      if (committer === undefined) return;
      const lease = this.needs.lease(partition, committer);
      const { mark } = committer.committed;
      const failure = await this.serve(lease, released);
      lease.close();
      await committer.close();
      if (released.aborted) return;
      if (failure !== 'fenced') {
        if (failure !== undefined) listener.failed(failure.error);
        return;
      }
      const hasProgressed = committer.committed.mark !== mark;
      const { maxRestarts } = options.transport;
      const noted = noteRestart(fencings, options.clock.monotonicMs(), hasProgressed, maxRestarts);
      fencings = noted.restarts;
      const error = new SluiceError('fenced', { partition });
      if (!noted.isAllowed) return listener.failed(error);
      const count = fencings.timesMs.length;
      if (count > maxRestarts / 2) listener.ailing?.(codeOf(partition), error.message);
      options.logger.warn('partition was taken over although it is ours, opening it again', { partition, count });
      await options.clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** count), released);
    }
  }

  /** Runs the owner to its end. On release it gets as long as a group session to finish. */
  private async serve(
    lease: KafkaLease,
    released: AbortSignal,
  ): Promise<'fenced' | { readonly error: Error } | undefined> {
    const { listener, options } = this.needs;
    const settled = new AbortController();
    const overdue = new Promise<'overdue'>((resolve) => {
      const onRelease = () => {
        lease.abort();
        void options.clock.sleep(options.transport.sessionTimeoutMs, settled.signal).then(() => resolve('overdue'));
      };
      if (released.aborted) onRelease();
      else released.addEventListener('abort', onRelease, { once: true });
    });
    let fenced = false;
    const owner = Promise.resolve()
      .then(() => listener.assigned(lease))
      .then(
        () => undefined,
        (error: unknown) => ({ error: error instanceof Error ? error : new Error(messageOf(error)) }),
      )
      .finally(() => (fenced = lease.signal.aborted));
    const outcome = await Promise.race([owner, overdue]);
    settled.abort();
    if (outcome === 'overdue') {
      options.logger.warn('owner did not let go of its partition in time; its commits are fenced', {
        partition: lease.partition,
      });
      return undefined;
    }
    return fenced ? 'fenced' : outcome;
  }

  private async open(partition: number, released: AbortSignal): Promise<Committer | undefined> {
    const { options, listener } = this.needs;
    const { clock, transport } = options;
    const deadlineMs = clock.monotonicMs() + transport.stuckAfterMs;
    for (let attempt = 1; !released.aborted; attempt++) {
      try {
        return await this.needs.openCommitter(partition, released);
      } catch (error) {
        if (released.aborted) break;
        const leftMs = deadlineMs - clock.monotonicMs();
        if (isHopeless(error) || leftMs < 0) {
          listener.failed(asSluiceError(error, transport.brokers));
          return undefined;
        }
        if (leftMs < transport.stuckAfterMs / 2) listener.ailing?.(codeOf(partition), messageOf(error));
        options.logger.warn('partition cannot be opened yet', { partition, attempt, why: messageOf(error) });
        await clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** attempt), released);
      }
    }
    return undefined;
  }
}

const codeOf = (partition: number) => `partition-${partition}` as const;
