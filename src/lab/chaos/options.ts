import type { Clock } from '../../ports/clock.js';

/** What a proof is asked for with. */
export interface ChaosOptions {
  readonly transport: 'embedded' | 'kafka';
  /** How many processes are killed; other harms come in proportion. */
  readonly killCount: number;
  /** Decides the events and the moments of the kills. */
  readonly seed: number;
  /** Impressions simulated. */
  readonly impressionCount: number;
  /** Kafka: partitions of every topic, and processors that share them. */
  readonly partitions?: number;
  readonly instances?: number;
  /** Threads that the partitions of a process live in; on the embedded store there are as many partitions. Default 1. */
  readonly threads?: number;
  /** A line to stderr. */
  readonly say: (text: string) => void;
  /** Aborted: the process under way is killed and everything is cleaned up. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** What the environment or the roughness of the world may do to events: bad messages, repeats, disorder. */
export const ROUGHNESS = { lateFraction: 0.02, maxDelayMs: 90_000, duplicateFraction: 0.01, malformedFraction: 0.002 };
