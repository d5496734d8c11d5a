import { noMetrics } from '../../adapters/memory/index.js';
import type { Config } from '../../config/schema.js';
import { restorePartition } from '../../pipeline/restore.js';
import type { Champion } from '../../pipeline/partition.js';
import { decodeProgress } from '../../pipeline/progress/progress.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { INPUTS, type Committed, type Transport } from '../../ports/transport.js';
import { partitionDepsOf } from '../partition-deps-of.js';
import type { Parts } from '../wire.js';
import { logLease } from './log-lease.js';
import type { LookedAt } from './fate.js';
import type { Trace } from './trace.js';

/** What a re-read needs. */
export interface RereadDeps {
  readonly config: Config;
  readonly transport: Transport;
  readonly parts: Parts;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onRead: (count: number) => void;
}

/** A re-read neither scores nor waits. */
const NO_CHAMPION: Champion = { current: () => undefined, allowance: () => Promise.resolve(Infinity) };

/**
 * Takes a partition's input through the stages again, silently, as far as a trace needs: from the newest checkpoint where
 * everything that is followed stands behind it, else from the beginning.
 * @returns where it began
 * @throws what a restore throws: settings-changed, settings-lost, key-changed, progress-lost, input-lost
 */
export async function reread(
  { config, transport, parts, clock, logger, signal, onRead }: RereadDeps,
  partition: number,
  committed: Committed,
  trace: Trace,
): Promise<NonNullable<LookedAt['rereadFrom']>> {
  const lease = logLease(transport, partition, committed, signal);
  let isFromCheckpoint = false;
  let lastCount = 0;
  try {
    const surroundings = { metrics: noMetrics, untilEnd: false, clock, champion: NO_CHAMPION };
    const deps = await partitionDepsOf(config, parts, lease, transport, surroundings);
    await restorePartition(deps, {
      transport,
      logger,
      onProgress: ({ offsets }) => {
        const count = offsets.impressions + offsets.interactions;
        if (lastCount > 0) onRead(count - lastCount);
        lastCount = count;
      },
      retrace: {
        through: trace.stages,
        mayBeginAt: ({ readTo }) => (isFromCheckpoint = trace.mayBeginAt(readTo)),
        isDone: trace.isDone,
      },
    });
  } finally {
    await lease.close();
  }
  if (isFromCheckpoint) return 'checkpoint';
  const { begins } = decodeProgress(committed.progress);
  const isWhole = INPUTS.every((input) => (trace.began[input] ?? 0) <= (begins?.[input] ?? 0));
  return isWhole ? 'beginning' : 'what is left';
}
