/** State of a Page-Hinkley test; a fresh one has seen nothing. */
export interface PageHinkley {
  readonly count: number;
  /** Running mean and sum of squared deviations of what was observed (Welford). */
  readonly mean: number;
  readonly squares: number;
  /** Σ of standardised deviations above the tolerance, and its least value so far. */
  readonly sum: number;
  readonly least: number;
}

export interface PageHinkleySettings {
  /** Deviation, in standard deviations, that is not worth an alarm. */
  readonly tolerance: number;
  /** Height of the cumulative sum over its minimum at which the alarm is raised. */
  readonly alarmAt: number;
  /** Observations before anything is said. */
  readonly minCount: number;
}

/**
 * At these a steady stream raises an alarm about once in e^(2·tolerance·alarmAt) ≈ 3 million observations, and log loss that rises
 * by a quarter of its standard deviation (a doubled click rate, about) raises one after alarmAt / (.25 − .05) ≈ 750.
 */
const DRIFT_SETTINGS: PageHinkleySettings = { tolerance: 0.05, alarmAt: 150, minCount: 500 };

/** The state before the first observation. */
export const NO_DRIFT: PageHinkley = { count: 0, mean: 0, squares: 0, sum: 0, least: 0 };

/**
 * Takes one observation into a Page-Hinkley test for a rise of the mean. `alarm` says that it rose; go on from
 * {@link NO_DRIFT} then. Deviations are standardised by the running spread, so that the settings hold at any click rate.
 * An observation that is not finite is passed over. Source: Page 1954; Gama et al. 2014, A survey on concept drift adaptation, §3.2.
 */
export function observeDrift(
  state: PageHinkley,
  value: number,
  settings: PageHinkleySettings = DRIFT_SETTINGS,
): { readonly state: PageHinkley; readonly alarm: boolean } {
  if (!Number.isFinite(value)) return { state, alarm: false };
  const count = state.count + 1;
  const mean = state.mean + (value - state.mean) / count;
  const squares = state.squares + (value - state.mean) * (value - mean);
  if (count < settings.minCount) return { state: { count, mean, squares, sum: 0, least: 0 }, alarm: false };
  const spread = Math.sqrt(squares / count);
  const sum = state.sum + (spread > 0 ? (value - mean) / spread : 0) - settings.tolerance;
  const least = Math.min(state.least, sum);
  return { state: { count, mean, squares, sum, least }, alarm: sum - least > settings.alarmAt };
}
