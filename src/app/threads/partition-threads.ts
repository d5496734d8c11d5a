import { availableParallelism } from 'node:os';
import { Observable } from 'rxjs';
import { systemClock } from '../../adapters/system/index.js';
import type { Config } from '../../config/schema.js';
import type { RunOptions } from '../run-options.js';
import type { Sign } from '../partition-chain.js';
import type { Opening } from './doors.js';
import { PartitionThread, type ThreadedChain, type ThreadSurroundings } from './partition-thread.js';

/**
 * How many threads partitions live in, beside the run's own: at most one a partition. 1: none beside it, they live in the
 * run's own, and so they do under a clock that is not the system's.
 */
export function threadCountOf(
  { run }: { readonly run: Pick<Config['run'], 'threads'> },
  { clock = systemClock }: Pick<RunOptions, 'clock'>,
  partitionCount: number,
): number {
  if (clock !== systemClock) return 1;
  const wanted = run.threads === 'auto' ? availableParallelism() : Number(run.threads);
  return Math.min(wanted, partitionCount);
}

/** What each of them is opened with. Of the vectors in memory half are the run's, half are shared out. */
export function openingOf(
  config: Config,
  { untilEnd, watcher, traces }: Pick<RunOptions, 'untilEnd' | 'watcher' | 'traces'>,
  threadCount: number,
): Omit<Opening, 'live'> {
  const cacheEntries = Math.max(1, Math.floor(config.encoder.cacheEntries / (2 * threadCount)));
  return { config, untilEnd, isWatched: watcher !== undefined, isTraced: traces !== undefined, cacheEntries };
}

/** The config with the run's own share of the vectors in memory. */
export function runsOwnShare(config: Config, threadCount: number): Config {
  if (threadCount === 1) return config;
  const { encoder } = config;
  return { ...config, encoder: { ...encoder, cacheEntries: Math.max(1, Math.floor(encoder.cacheEntries / 2)) } };
}

/** The threads that partitions live in. */
export class PartitionThreads {
  private readonly threads: readonly PartitionThread[];

  constructor(count: number, around: ThreadSurroundings) {
    this.threads = Array.from({ length: count }, (_, index) => new PartitionThread(`partitions-${index}`, around));
  }

  get count(): number {
    return this.threads.length;
  }

  /** A chain in the thread that has the fewest; see `chainOf`. */
  chain(chain: ThreadedChain): Observable<Sign> {
    return new Observable((signs) => {
      const [freest] = [...this.threads].sort((left, right) => left.busyCount - right.busyCount);
      return freest!.live(chain, signs);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}
