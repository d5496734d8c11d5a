import type { Kafka } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import type { AssignmentListener } from '../../ports/transport.js';
import { openCluster } from './client.js';
import type { CommittedOffset, Committer } from './committer.js';
import { asSluiceError, isHopeless } from './failures.js';
import { Fetcher } from './fetcher.js';
import { Holdings } from './holdings.js';
import { KafkaLease } from './lease.js';
import { Membership } from './membership.js';
import type { OffsetLookup } from './offsets.js';
import { NO_RESTARTS, noteRestart, type Restarts } from './restarts.js';
import { nameOf, type KafkaOptions } from './settings.js';

const RESTART_PAUSE_MS = 500;
const MAX_RESTART_PAUSE_MS = 10_000;

/** What this watches over. */
type Watched = 'consumer group' | 'fetch';

export interface GroupSessionNeeds {
  readonly kafka: Kafka;
  readonly options: KafkaOptions;
  readonly listener: AssignmentListener;
  /** Tells where the log ends as written, records of open transactions included. */
  readonly lookup: OffsetLookup;
  /** Partitions that are known; others that a member with newer knowledge hands out wait for a session that knows them. */
  readonly partitionCount: () => number;
  readonly openCommitter: (
    partition: number,
    signal: AbortSignal,
    commitOffsets: (offsets: readonly CommittedOffset[]) => Promise<void>,
  ) => Promise<Committer>;
}

/**
 * One stay in the group, from join to leave: membership, reading and the partitions held. Watches that both make progress
 * and restarts what does not, within `transport.maxRestarts`; then it tells the listener. It never stops silently.
 */
export class GroupSession {
  private readonly ended = new AbortController();
  private readonly fetcher: Fetcher;
  private readonly holdings: Holdings;
  private readonly membership: Membership;
  private restarts: Restarts = NO_RESTARTS;
  /** Signs of life counted at the last restart of each. */
  private readonly signsAtRestart: Record<Watched, number> = { 'consumer group': -1, fetch: -1 };
  /** What the listener was told is ailing. */
  private readonly ailing = new Set<Watched>();
  private restarting: Promise<void> | undefined;
  private watching: Promise<void> = Promise.resolve();
  private hasFailed = false;

  constructor(private readonly needs: GroupSessionNeeds) {
    const { kafka, options, listener, lookup, openCommitter } = needs;
    this.fetcher = new Fetcher(
      () => openCluster(kafka, 'committed'),
      options.clock,
      options.logger,
      options.transport.requestTimeoutMs,
    );
    this.holdings = new Holdings({
      options,
      openCommitter: (partition, signal) =>
        openCommitter(partition, signal, (offsets) => this.membership.commit(offsets)),
      listener: {
        assigned: (lease) => listener.assigned(lease),
        ailing: (what, reason) => listener.ailing?.(what, reason),
        failed: (error) => this.fail(error),
      },
      lease: (partition, committer) => new KafkaLease(partition, options, committer, this.fetcher, lookup),
    });
    this.membership = new Membership(options, () => this.holdings.partitions, {
      assigned: (partitions) => {
        if (this.ended.signal.aborted) return;
        options.logger.info('partitions assigned', { group: options.application, partitions });
        this.holdings.assign(partitions.filter((partition) => partition < needs.partitionCount()));
      },
      crashed: (error) => void this.restart('consumer group', error),
    });
  }

  get memberId(): string | undefined {
    return this.membership.memberId;
  }

  /** Resolves without having joined when it is stopped meanwhile. */
  async start(): Promise<void> {
    const { options } = this.needs;
    await this.fetcher.start([nameOf(options, 'impressions'), nameOf(options, 'interactions')]);
    if (this.ended.signal.aborted) return this.fetcher.close();
    await this.membership.start();
    this.watching = this.watch();
  }

  /** Aborts the leases, waits for their owners within the bound, leaves the group. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.holdings.releaseAll();
    await this.restarting;
    await this.membership.stop();
    await this.fetcher.close();
    await this.watching;
  }

  private async watch(): Promise<void> {
    const { clock, transport } = this.needs.options;
    const { stuckAfterMs } = transport;
    while (await clock.sleep(Math.max(50, Math.min(5_000, stuckAfterMs / 10)), this.ended.signal)) {
      if (this.restarting !== undefined) continue;
      const nowMs = clock.monotonicMs();
      const silentMs = nowMs - this.membership.lastSignMs;
      this.examine('consumer group', silentMs);
      if (silentMs > stuckAfterMs) {
        await this.restart(
          'consumer group',
          new SluiceError('stuck', { what: 'consumer group', forMs: Math.round(silentMs) }),
        );
        continue;
      }
      if (!this.fetcher.isWanting) this.fetcher.lastAnswerMs = nowMs;
      const emptyMs = nowMs - this.fetcher.lastAnswerMs;
      this.examine('fetch', emptyMs);
      if (emptyMs > stuckAfterMs) {
        await this.restart(
          'fetch',
          new SluiceError('stuck', { what: 'fetch', forMs: Math.round(emptyMs) }, { cause: this.fetcher.lastError }),
        );
      }
    }
  }

  /** Tells of what has been silent for half of the patience, and of what was ailing and works again. */
  private examine(what: Watched, silentMs: number): void {
    const { stuckAfterMs } = this.needs.options.transport;
    if (silentMs > stuckAfterMs / 2) this.ail(what, `no sign of life for ${Math.round(silentMs)} ms`);
    else if (this.ailing.has(what) && this.signCountOf(what) !== this.signsAtRestart[what]) {
      this.ailing.delete(what);
      this.needs.listener.ailing?.(codeOf(what), null);
    }
  }

  private ail(what: Watched, reason: string): void {
    this.ailing.add(what);
    this.needs.listener.ailing?.(codeOf(what), reason);
  }

  private signCountOf(what: Watched): number {
    return what === 'fetch' ? this.fetcher.answerCount : this.membership.signCount;
  }

  private restart(what: Watched, reason: unknown): Promise<void> {
    this.restarting ??= this.tryRestart(what, reason).finally(() => (this.restarting = undefined));
    return this.restarting;
  }

  private async tryRestart(what: Watched, first: unknown): Promise<void> {
    const { clock, logger, metrics, transport } = this.needs.options;
    let reason = first;
    for (
      let pauseMs = RESTART_PAUSE_MS;
      !this.ended.signal.aborted;
      pauseMs = Math.min(MAX_RESTART_PAUSE_MS, pauseMs * 2)
    ) {
      const signCount = this.signCountOf(what);
      const hasProgressed = signCount !== this.signsAtRestart[what];
      this.signsAtRestart[what] = signCount;
      const { isAllowed, restarts } = noteRestart(
        this.restarts,
        clock.monotonicMs(),
        hasProgressed,
        transport.maxRestarts,
      );
      this.restarts = restarts;
      if (!isAllowed || isHopeless(reason)) return this.fail(reason);
      if (restarts.timesMs.length > transport.maxRestarts / 2) this.ail(what, messageOf(reason));
      logger.warn('transport restarts', {
        what,
        restart: restarts.timesMs.length,
        limit: transport.maxRestarts,
        why: messageOf(reason),
      });
      metrics?.count('sluice_transport_restarts_total', 1);
      if (!(await clock.sleep(pauseMs, this.ended.signal))) return;
      if (what === 'fetch') return this.fetcher.restart();
      try {
        await this.membership.stop();
        return await this.membership.start();
      } catch (error) {
        reason = error;
      }
    }
  }

  private fail(error: unknown): void {
    if (this.hasFailed || this.ended.signal.aborted) return;
    this.hasFailed = true;
    this.needs.listener.failed(asSluiceError(error, this.needs.options.transport.brokers));
    // Nobody watches over the leases any more: their owners must stop.
    void this.holdings.releaseAll();
  }
}

const codeOf = (what: Watched) => (what === 'fetch' ? 'fetch' : 'consumer-group');
