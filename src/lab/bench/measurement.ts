import type { ProfileSummary } from './profiler.js';

/** What a child process found. */
export interface Measurement {
  /** Impressions, texts or bytes: the scenario's own number, per second for rates. */
  readonly value: number;
  readonly unit:
    | 'impressions/s'
    | 'texts/s'
    | 'MiB'
    | `of the throughput ${'at least once' | 'in one thread'}`
    | 's from kill −9 to the first commit'
    | 's without any commit in a rebalance'
    | 'cores without input'
    | 'first starts with an exit or a warning';
  /** Further numbers by name, in the order to be shown. */
  readonly details: Readonly<Record<string, number>>;
  /** What stands beside it, a line each; absent: nothing. */
  readonly notes?: readonly string[];
  /** Where the time (or the memory) goes; null when it was not profiled. */
  readonly profile: ProfileSummary | null;
}

/** Result of a scenario, or why there is none. */
export type ScenarioResult =
  | { readonly id: string; readonly what: string; readonly measurement: Measurement }
  | { readonly id: string; readonly what: string; readonly skipped: string };
