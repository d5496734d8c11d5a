import { silentLogger } from '../../adapters/memory/index.js';
import type { Config } from '../../config/schema.js';
import { createHealthBoard } from '../../observe/health-board.js';
import type { Clock } from '../../ports/clock.js';
import { runSluice } from '../../app/run.js';
import { commitWatch } from './commit-watch.js';
import type { Measurement } from './measurement.js';
import { ProcessProfiler } from './profiler.js';

/** Compilation, first touches of vectors on disk and process start are over by then. */
const WARM_UP_FRACTION = 0.2;

/**
 * Runs the processor over all that stands on the topics and measures from the commit after the first fifth to the last
 * one, with every window closed. Neither sending events in nor starting the process is in it.
 */
export async function measureThroughput(
  config: Config,
  impressions: number,
  clock: Clock,
  isProfiled: boolean,
): Promise<Measurement> {
  const profiler = new ProcessProfiler('cpu');
  let started: { ms: number; read: number; cpu: NodeJS.CpuUsage } | undefined;
  let last = { ms: 0, read: 0, cpu: process.cpuUsage() };
  let starting: Promise<void> | undefined;
  const metrics = commitWatch(({ impressionsRead: read }) => {
    last = { ms: clock.monotonicMs(), read, cpu: process.cpuUsage() };
    if (started || read < WARM_UP_FRACTION * impressions) return;
    if (isProfiled) starting = profiler.start();
    started = last;
  });
  const health = createHealthBoard(clock);
  const { signal } = new AbortController();
  const accounting = await runSluice(config, { untilEnd: true, signal, logger: silentLogger, metrics, health, clock });
  if (!started || last.read < impressions) throw new Error(`${last.read} of ${impressions} impressions came through`);
  await starting;
  const seconds = (last.ms - started.ms) / 1000;
  const cpuMicroseconds = last.cpu.user + last.cpu.system - started.cpu.user - started.cpu.system;
  const done = last.read - started.read;
  return {
    value: done / seconds,
    unit: 'impressions/s',
    details: {
      impressions: done,
      seconds,
      cpuMicrosecondsPerImpression: cpuMicroseconds / done,
      coresBusy: cpuMicroseconds / 1e6 / seconds,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      kept: accounting.samples.kept,
      predicted: accounting.champion.predicted,
    },
    profile: isProfiled ? await profiler.stop() : null,
  };
}
