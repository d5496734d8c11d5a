import { messageOf } from '../../errors.js';
import type { AssignmentListener } from '../../ports/transport.js';
import { asSluiceError, isHopeless } from './failures.js';
import type { KafkaLease } from './lease.js';
import type { KafkaOptions } from './settings.js';
import type { Transactor } from './transactor.js';

const MAX_BACKOFF_MS = 5_000;

export interface HoldingsNeeds {
  readonly options: KafkaOptions;
  readonly listener: AssignmentListener;
  /** Fences older owners of the partition and reads its last committed unit. */
  readonly openTransactor: (partition: number, signal: AbortSignal) => Promise<Transactor>;
  readonly lease: (partition: number, transactor: Transactor) => KafkaLease;
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
      if (this.ending.get(partition) === ended) this.ending.delete(partition);
    });
    this.ending.set(partition, ended);
  }

  private async own(partition: number, released: AbortSignal): Promise<void> {
    const { listener, options } = this.needs;
    for (let fencings = 0; !released.aborted; fencings++) {
      if (fencings > 0) await options.clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** fencings), released);
      const transactor = await this.open(partition, released);
      if (transactor === undefined) return;
      const lease = this.needs.lease(partition, transactor);
      const failure = await this.serve(lease, released);
      lease.close();
      await transactor.close();
      if (released.aborted) return;
      if (failure === 'fenced') {
        options.logger.warn('partition was taken over although it is ours, opening it again', { partition });
        continue;
      }
      if (failure !== undefined) listener.failed(failure.error);
      return;
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

  private async open(partition: number, released: AbortSignal): Promise<Transactor | undefined> {
    const { options, listener } = this.needs;
    const deadlineMs = options.clock.monotonicMs() + options.transport.stuckAfterMs;
    for (let attempt = 1; !released.aborted; attempt++) {
      try {
        return await this.needs.openTransactor(partition, released);
      } catch (error) {
        if (released.aborted) return undefined;
        if (isHopeless(error) || options.clock.monotonicMs() > deadlineMs) {
          listener.failed(asSluiceError(error, options.transport.brokers));
          return undefined;
        }
        options.logger.warn('partition cannot be opened yet', { partition, attempt, why: messageOf(error) });
        await options.clock.sleep(Math.min(MAX_BACKOFF_MS, 100 * 2 ** attempt), released);
      }
    }
    return undefined;
  }
}
