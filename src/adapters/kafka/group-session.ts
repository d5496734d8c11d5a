import type { Kafka } from 'kafkajs';
import { messageOf, SluiceError } from '../../errors.js';
import type { AssignmentListener } from '../../ports/transport.js';
import { openCluster } from './client.js';
import { asSluiceError, isHopeless } from './failures.js';
import { Fetcher } from './fetcher.js';
import { Holdings } from './holdings.js';
import { KafkaLease } from './lease.js';
import { Membership } from './membership.js';
import type { OffsetLookup } from './offsets.js';
import { NO_RESTARTS, noteRestart, type Restarts } from './restarts.js';
import { nameOf, type KafkaOptions } from './settings.js';
import type { Transactor } from './transactor.js';

const RESTART_PAUSE_MS = 500;
const MAX_RESTART_PAUSE_MS = 10_000;

export interface GroupSessionNeeds {
  readonly kafka: Kafka;
  readonly options: KafkaOptions;
  readonly listener: AssignmentListener;
  readonly lookup: OffsetLookup;
  readonly openTransactor: (partition: number, signal: AbortSignal) => Promise<Transactor>;
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
  private readonly signsAtRestart = { 'consumer group': -1, fetch: -1 };
  private restarting: Promise<void> | undefined;
  private watching: Promise<void> = Promise.resolve();
  private hasFailed = false;

  constructor(private readonly needs: GroupSessionNeeds) {
    const { kafka, options, listener, lookup, openTransactor } = needs;
    this.fetcher = new Fetcher(
      () => openCluster(kafka, 'committed'),
      options.clock,
      options.logger,
      options.transport.requestTimeoutMs,
    );
    this.holdings = new Holdings({
      options,
      openTransactor,
      listener: { assigned: (lease) => listener.assigned(lease), failed: (error) => this.fail(error) },
      lease: (partition, transactor) => new KafkaLease(partition, options, transactor, this.fetcher, lookup),
    });
    this.membership = new Membership(kafka, options, () => this.holdings.partitions, {
      assigned: (partitions) => {
        if (this.ended.signal.aborted) return;
        options.logger.info('partitions assigned', { group: options.application, partitions });
        this.holdings.assign(partitions);
      },
      crashed: (error) => void this.restart('consumer group', error),
    });
  }

  async start(): Promise<void> {
    const { options } = this.needs;
    await this.fetcher.start([nameOf(options, 'impressions'), nameOf(options, 'interactions')]);
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
    while (await clock.sleep(Math.max(50, Math.min(5_000, stuckAfterMs / 4)), this.ended.signal)) {
      if (this.restarting !== undefined) continue;
      const nowMs = clock.monotonicMs();
      const silentMs = nowMs - this.membership.lastSignMs;
      if (silentMs > stuckAfterMs) {
        await this.restart(
          'consumer group',
          new SluiceError('stuck', { what: 'consumer group', forMs: Math.round(silentMs) }),
        );
        continue;
      }
      if (!this.fetcher.isWanting) this.fetcher.lastAnswerMs = nowMs;
      const emptyMs = nowMs - this.fetcher.lastAnswerMs;
      if (emptyMs > stuckAfterMs) {
        await this.restart(
          'fetch',
          new SluiceError('stuck', { what: 'fetch', forMs: Math.round(emptyMs) }, { cause: this.fetcher.lastError }),
        );
      }
    }
  }

  private restart(what: 'consumer group' | 'fetch', reason: unknown): Promise<void> {
    this.restarting ??= this.tryRestart(what, reason).finally(() => (this.restarting = undefined));
    return this.restarting;
  }

  private async tryRestart(what: 'consumer group' | 'fetch', first: unknown): Promise<void> {
    const { clock, logger, metrics, transport } = this.needs.options;
    let reason = first;
    for (
      let pauseMs = RESTART_PAUSE_MS;
      !this.ended.signal.aborted;
      pauseMs = Math.min(MAX_RESTART_PAUSE_MS, pauseMs * 2)
    ) {
      const signCount = what === 'fetch' ? this.fetcher.answerCount : this.membership.signCount;
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
