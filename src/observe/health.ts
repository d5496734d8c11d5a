/**
 * Run states and their legal transitions as a table, and what follows from them for `/live` and `/ready`. Pure: time and
 * reasons are arguments.
 */
import { SluiceError } from '../errors.js';
import { conditionOf, type Impediment } from './conditions.js';

export const RUN_STATES = ['starting', 'running', 'draining', 'stopped', 'failed'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Which states may follow which. `stopped` and `failed` are final. */
export const TRANSITIONS: Readonly<Record<RunState, readonly RunState[]>> = {
  starting: ['running', 'draining', 'failed'],
  running: ['draining', 'failed'],
  draining: ['stopped', 'failed'],
  stopped: [],
  failed: [],
};

/** State of a run and what stands in its way. */
export interface Health {
  readonly state: RunState;
  /** When the state was entered, epoch milliseconds. */
  readonly sinceMs: number;
  /** Why the state was entered, one sentence. */
  readonly reason: string;
  /** What keeps a running instance from doing its work right now: the reason by condition ({@link Impediment}). */
  readonly impediments: Readonly<Record<string, string>>;
  /** Which of them have used up half of the patience there is with them: the run will give up unless they end. */
  readonly alarms: Readonly<Record<string, string>>;
}

/** What a probe sees. */
export interface Probe {
  readonly ok: boolean;
  readonly state: RunState;
  readonly sinceMs: number;
  readonly reasons: readonly string[];
}

/** The health of a run that has just begun. */
export function startingHealth(nowMs: number): Health {
  return { state: 'starting', sinceMs: nowMs, reason: 'process started', impediments: {}, alarms: {} };
}

/** True when the table allows the step. */
export function mayMove(from: RunState, to: RunState): boolean {
  return TRANSITIONS[from].includes(to);
}

/** Enters the next state. Throws `bug` on a transition that the table does not allow. */
export function move(health: Health, to: RunState, reason: string, nowMs: number): Health {
  if (!mayMove(health.state, to)) {
    throw new SluiceError('bug', { why: `run state cannot go from ${health.state} to ${to} (${reason})` });
  }
  return { ...health, state: to, sinceMs: nowMs, reason };
}

/** Records what stands in the way; the same code again replaces its reason. */
export function impede(health: Health, code: Impediment, reason: string): Health {
  return { ...health, impediments: { ...health.impediments, [code]: reason } };
}

/** Records an impediment that has lasted so long that the process is no longer called alive, where a restart may cure it. */
export function alarm(health: Health, code: Impediment, reason: string): Health {
  if (!conditionOf(code).isCuredByRestart) return impede(health, code, reason);
  return { ...impede(health, code, reason), alarms: { ...health.alarms, [code]: reason } };
}

/** Removes an impediment and its alarm; one that is not there is no error. */
export function relieve(health: Health, code: Impediment): Health {
  const { [code]: _impediment, ...impediments } = health.impediments;
  const { [code]: _alarm, ...alarms } = health.alarms;
  return { ...health, impediments, alarms };
}

/**
 * Alive unless it failed or an alarm stands: a supervisor restarts what is not alive, so draining and stopped are alive.
 * An alarm comes before the process gives up by itself, so that whoever watches knows while it still tries.
 */
export function liveness(health: Health): Probe {
  const alarms = Object.entries(health.alarms).map(([code, reason]) => `${code}: ${reason}`);
  const reasons = health.state === 'failed' ? [health.reason, ...alarms] : alarms;
  return { ok: reasons.length === 0, state: health.state, sinceMs: health.sinceMs, reasons };
}

/** Ready while running and unimpeded; the reasons name everything that is not. */
export function readiness(health: Health): Probe {
  const impediments = Object.entries(health.impediments).map(([code, reason]) => `${code}: ${reason}`);
  const reasons = health.state === 'running' ? impediments : [`${health.state}: ${health.reason}`, ...impediments];
  return { ok: reasons.length === 0, state: health.state, sinceMs: health.sinceMs, reasons };
}
