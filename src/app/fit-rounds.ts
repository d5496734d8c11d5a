import type { Config } from '../config/schema.js';
import type { FitReport, Retrainer } from '../learn/index.js';
import { lastPublished, nextFitAt, retryFitAt } from '../learn/trigger.js';
import type { Clock } from '../ports/clock.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { firstAhead, quotasAt, type Standing } from './fit-quotas.js';

/** What the rounds ask of their surroundings. */
export interface RoundsDeps {
  readonly follower: Pick<SnapshotFollower, 'manifests'>;
  readonly retrainer: Pick<Retrainer, 'run'>;
  readonly retrain: Pick<Config['retrain'], 'everySamples'>;
  readonly partitionCount: number;
  /** Committed samples of a partition that is not worked on here. */
  readonly seenOf: (partition: number) => number;
  /** True when this instance fits. */
  readonly isRetraining: () => boolean;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Aborted when no fit is to be begun any more. */
  readonly signal: AbortSignal;
}

/** How long the first round waits for further partitions after the last one that came. */
export const GATHER_MS = 2_000;

/** A partition that is worked on here. */
interface Member {
  /** Samples scored and committed, as it last said; undefined before. */
  count: number | undefined;
  waiting: Waiting | undefined;
}

interface Waiting {
  readonly release: (allowance: number) => void;
  readonly fail: (thrown: unknown) => void;
}

/**
 * Shares out the samples between two fits, so that what a fit learns from and what its champion scores is a function of the
 * input, however the partitions' units interleave. Each partition may score up to its quota ({@link quotasAt}). When all have
 * used theirs or ended, everything scored is committed, nothing is under way, and the due fit runs on exactly that.
 */
export class FitRounds {
  private readonly members = new Map<number, Member>();
  private readonly gathered = new Set<number>();
  private isGathered = false;
  /** Aborted when another partition has come, so that the wait for further ones begins anew. */
  private gathering = new AbortController();
  /** Samples of each partition at the last published fit. */
  private bases: number[] = [];
  /** Samples of all partitions at which the next fit is due; undefined before it is known where the partitions stand. */
  private nextAt: number | undefined;
  private isFitting = false;

  constructor(private readonly deps: RoundsDeps) {}

  /** A partition is worked on here: no round ends without it. */
  take(partition: number): void {
    this.members.set(partition, { count: undefined, waiting: undefined });
    this.gather(partition);
  }

  /** A partition is not worked on here any more: it has ended, or it is another instance's. */
  giveBack(partition: number): void {
    this.members.get(partition)?.waiting?.release(0);
    this.members.delete(partition);
    this.settle();
  }

  /**
   * Waits until a partition may go on.
   * @param count samples that it has scored and committed
   * @returns how many it may score now, at least 1; 0 after the abort, Infinity where another instance fits
   */
  allowance(partition: number, count: number, signal: AbortSignal): Promise<number> {
    const member = this.members.get(partition);
    if (signal.aborted || !member) return Promise.resolve(0);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        member.waiting = undefined;
        signal.removeEventListener('abort', onAbort);
      };
      const release = (allowance: number): void => {
        end();
        resolve(allowance);
      };
      const fail = (thrown: unknown): void => {
        end();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      };
      const onAbort = (): void => release(0);
      signal.addEventListener('abort', onAbort, { once: true });
      member.count = count;
      member.waiting = { release, fail };
      this.settle();
    });
  }

  /** A transport may open partitions one after the other: the first round waits for all, or until no more come. */
  private gather(partition: number): void {
    if (this.isGathered) return;
    this.gathered.add(partition);
    this.gathering.abort();
    this.isGathered = this.gathered.size >= this.deps.partitionCount;
    if (this.isGathered) return;
    this.gathering = new AbortController();
    const signal = AbortSignal.any([this.gathering.signal, this.deps.signal]);
    void this.deps.clock.sleep(GATHER_MS, signal).then((isOver) => {
      if (!isOver) return;
      this.isGathered = true;
      this.settle();
    });
  }

  /** Lets go on who may; fits when nobody may and nobody is on the way. */
  private settle(): void {
    if (this.isFitting || !this.isGathered || this.deps.signal.aborted) return;
    const members = [...this.members.values()];
    if (!this.deps.isRetraining()) {
      this.nextAt = undefined;
      for (const { waiting } of members) waiting?.release(Infinity);
      return;
    }
    if (this.nextAt === undefined && members.some(({ count }) => count === undefined)) return;
    const nextAt = (this.nextAt ??= this.firstTarget());
    const quotas = quotasAt(nextAt, this.standings());
    for (const [partition, { count, waiting }] of this.members) {
      const left = quotas[partition]! - (count ?? 0);
      if (waiting && left > 0) waiting.release(left);
    }
    if (members.length > 0 && members.every(({ waiting }) => waiting)) void this.fit();
  }

  private async fit(): Promise<void> {
    const { retrainer, signal } = this.deps;
    const counts = this.standings().map(({ count }) => count);
    const seen = counts.reduce((sum, count) => sum + count, 0);
    this.isFitting = true;
    try {
      this.plan(seen, counts, await retrainer.run(seen, signal, counts));
    } catch (thrown) {
      // One of them begins anew and comes back here; the round is as it was.
      [...this.members]
        .sort(([a], [b]) => a - b)
        .find(([, { waiting }]) => waiting)?.[1]
        .waiting?.fail(thrown);
    } finally {
      this.isFitting = false;
    }
    this.settle();
  }

  private plan(seen: number, counts: number[], report: FitReport | undefined): void {
    const { everySamples } = this.deps.retrain;
    this.nextAt = report ? nextFitAt(seen, everySamples) : retryFitAt(seen, everySamples);
    if (report) this.bases = counts;
  }

  /**
   * Where the rounds of earlier lives would go on: after the last published fit, and past the targets at which there was
   * too little to fit, of which nothing but the partitions' counts tells.
   */
  private firstTarget(): number {
    const { follower, retrain } = this.deps;
    const published = lastPublished(follower.manifests());
    const counts = this.standings().map(({ count }) => count);
    const then = published ? published.trainedOn.seenBy : counts.map(() => 0);
    const isContinued = then?.length === counts.length && then.every((seen, partition) => seen <= counts[partition]!);
    // Snapshots of a stream that never held, or of an application that was reset since: the rounds begin here.
    this.bases = isContinued ? [...then] : counts;
    const total = counts.reduce((sum, count) => sum + count, 0);
    const from = nextFitAt(Math.min(total, published?.trainedOn.seen ?? 0), retrain.everySamples);
    return isContinued ? firstAhead(from, retryFitAt(0, retrain.everySamples), this.standings()) : from;
  }

  private standings(): Standing[] {
    return Array.from({ length: this.deps.partitionCount }, (_, partition) => {
      const member = this.members.get(partition);
      const count = member?.count ?? this.deps.seenOf(partition);
      return { count, base: this.bases[partition] ?? 0, isOpen: member !== undefined };
    });
  }
}
