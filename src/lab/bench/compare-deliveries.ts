import type { Delivery } from './bench-config.js';
import { inTurns, median, medianOf, rates } from './in-turns.js';
import type { Measurement } from './measurement.js';

/**
 * Measures both deliveries over the same topics in turn, and gives the ratio of their median throughputs. The ratio of their
 * CPU times an impression stands beside it: other work on the machine hardly touches that.
 */
export async function compareDeliveries(
  take: (step: { step: 'measure'; delivery: Delivery; round: number }) => Promise<string>,
): Promise<Measurement> {
  const ways: readonly [Delivery, Delivery] = ['exactly-once', 'at-least-once'];
  const { first, second } = await inTurns(
    ways,
    async (delivery, round) => JSON.parse(await take({ step: 'measure', delivery, round })) as Measurement,
  );
  const exactlyOnce = median(rates(first));
  const atLeastOnce = median(rates(second));
  return {
    value: exactlyOnce / atLeastOnce,
    unit: 'of the throughput at least once',
    details: {
      exactlyOncePerSecond: exactlyOnce,
      atLeastOncePerSecond: atLeastOnce,
      bestOfEachRatio: Math.max(...rates(first)) / Math.max(...rates(second)),
      exactlyOnceCpuMicroseconds: medianOf(first, 'cpuMicrosecondsPerImpression'),
      atLeastOnceCpuMicroseconds: medianOf(second, 'cpuMicrosecondsPerImpression'),
      runs: first.length + second.length,
    },
    profile: null,
  };
}
