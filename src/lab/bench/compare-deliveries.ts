import type { Delivery } from './bench-config.js';
import type { Measurement } from './measurement.js';

/** Runs of both deliveries in turn, the order turned round each time, so that a drift of the machine falls on both alike. */
const ROUNDS: readonly Delivery[] = [
  'exactly-once',
  'at-least-once',
  'at-least-once',
  'exactly-once',
  'exactly-once',
  'at-least-once',
];

/**
 * Measures both deliveries over the same topics, run by run, and gives the ratio of their median throughputs. The ratio of
 * their CPU times an impression stands beside it: other work on the machine hardly touches that.
 */
export async function compareDeliveries(
  take: (step: { step: 'measure'; delivery: Delivery; round: number }) => Promise<string>,
): Promise<Measurement> {
  const found: Record<Delivery, Measurement[]> = { 'exactly-once': [], 'at-least-once': [] };
  for (const [round, delivery] of ROUNDS.entries())
    found[delivery].push(JSON.parse(await take({ step: 'measure', delivery, round })) as Measurement);
  const rates = (delivery: Delivery): number[] => found[delivery].map(({ value }) => value);
  const cpu = (delivery: Delivery): number =>
    median(found[delivery].map(({ details }) => details['cpuMicrosecondsPerImpression'] ?? 0));
  const exactlyOnce = median(rates('exactly-once'));
  const atLeastOnce = median(rates('at-least-once'));
  return {
    value: exactlyOnce / atLeastOnce,
    unit: 'of the throughput at least once',
    details: {
      exactlyOncePerSecond: exactlyOnce,
      atLeastOncePerSecond: atLeastOnce,
      bestOfEachRatio: Math.max(...rates('exactly-once')) / Math.max(...rates('at-least-once')),
      exactlyOnceCpuMicroseconds: cpu('exactly-once'),
      atLeastOnceCpuMicroseconds: cpu('at-least-once'),
      runs: ROUNDS.length,
    },
    profile: null,
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
