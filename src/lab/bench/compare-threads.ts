import { inTurns, median, medianOf, rates } from './in-turns.js';
import type { Measurement } from './measurement.js';

/**
 * Measures two partitions in two threads beside the same two in one, in turn, and gives the ratio of their median
 * throughputs. The CPU time an impression stands beside it: what the threads cost in all, whatever the machine does besides.
 */
export async function compareThreads(
  take: (step: { step: 'measure'; threads: number; round: number }) => Promise<string>,
): Promise<Measurement> {
  const { first, second } = await inTurns(
    [2, 1],
    async (threads, round) => JSON.parse(await take({ step: 'measure', threads, round })) as Measurement,
  );
  return {
    value: median(rates(first)) / median(rates(second)),
    unit: 'of the throughput in one thread',
    details: {
      twoThreadsPerSecond: median(rates(first)),
      oneThreadPerSecond: median(rates(second)),
      bestOfEachRatio: Math.max(...rates(first)) / Math.max(...rates(second)),
      twoThreadsCpuMicroseconds: medianOf(first, 'cpuMicrosecondsPerImpression'),
      oneThreadCpuMicroseconds: medianOf(second, 'cpuMicrosecondsPerImpression'),
      twoThreadsCoresBusy: medianOf(first, 'coresBusy'),
      twoThreadsPeakRssMiB: medianOf(first, 'peakRssMiB'),
      oneThreadPeakRssMiB: medianOf(second, 'peakRssMiB'),
      runs: first.length + second.length,
    },
    profile: null,
  };
}
