import { readFileSync } from 'node:fs';
import { silentLogger } from '../../adapters/memory/index.js';
import type { Config } from '../../config/schema.js';
import { createHealthBoard } from '../../observe/health-board.js';
import type { Clock } from '../../ports/clock.js';
import { runSluice } from '../../app/run.js';
import { commitWatch } from './commit-watch.js';
import type { Measurement } from './measurement.js';
import { ProcessProfiler } from './profiler.js';

const MIB = 1_048_576;

/**
 * Runs the processor until that many impressions wait for their outcome. The value is the peak of the process's own
 * (anonymous) memory: pages of the store that the system maps into it, and takes back at will, are told apart.
 */
export async function measureMemory(
  config: Config,
  openImpressions: number,
  clock: Clock,
  isProfiled: boolean,
): Promise<Measurement> {
  const profiler = new ProcessProfiler('memory');
  if (isProfiled) await profiler.start();
  const stop = new AbortController();
  let peakOwnBytes = 0;
  let reached: { memory: NodeJS.MemoryUsage; open: number } | undefined;
  const metrics = commitWatch(({ openImpressions: open }) => {
    peakOwnBytes = Math.max(peakOwnBytes, ownBytes());
    if (reached || open < openImpressions) return;
    reached = { memory: process.memoryUsage(), open };
    stop.abort();
  });
  const health = createHealthBoard(clock);
  await runSluice(config, { untilEnd: false, signal: stop.signal, logger: silentLogger, metrics, health, clock });
  if (!reached) throw new Error('the run ended before enough impressions were open');
  const { memory, open } = reached;
  return {
    value: peakOwnBytes / MIB,
    unit: 'MiB',
    details: {
      openImpressions: open,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      heapMiB: memory.heapUsed / MIB,
      arraysMiB: memory.arrayBuffers / MIB,
      otherNativeMiB: (peakOwnBytes - memory.heapTotal - memory.arrayBuffers) / MIB,
    },
    profile: isProfiled ? await profiler.stop() : null,
  };
}

/** Anonymous memory on Linux; elsewhere all that is resident. */
function ownBytes(): number {
  try {
    const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.memoryUsage.rss();
}
