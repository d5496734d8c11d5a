/** Restarts within the window, and whether another one is allowed. Pure: times are arguments. */
export interface Restarts {
  readonly timesMs: readonly number[];
}

export const NO_RESTARTS: Restarts = { timesMs: [] };

/** Window of `transport.maxRestarts`. */
export const RESTART_WINDOW_MS = 600_000;

/**
 * Notes a restart. It is refused when `maxRestarts` already lie within the window. Without progress since the last one all
 * stay counted however old they are, so that a slow watchdog gives up in the end too.
 */
export function noteRestart(
  restarts: Restarts,
  nowMs: number,
  hasProgressed: boolean,
  maxRestarts: number,
): { readonly isAllowed: boolean; readonly restarts: Restarts } {
  const recent = restarts.timesMs.filter((atMs) => !hasProgressed || nowMs - atMs < RESTART_WINDOW_MS);
  if (recent.length >= maxRestarts) return { isAllowed: false, restarts: { timesMs: recent } };
  return { isAllowed: true, restarts: { timesMs: [...recent, nowMs] } };
}
