/**
 * Run states and their legal transitions as a table, and what follows from them for `/live` and `/ready`. Pure: time and
 * reasons are arguments.
 */
import { SluiceError } from '../errors.js';

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
  /** What keeps a running instance from doing its work right now, by code: `no-partitions`, `kafka-unreachable`, … */
  readonly impediments: Readonly<Record<string, string>>;
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
  return { state: 'starting', sinceMs: nowMs, reason: 'process started', impediments: {} };
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
export function impede(health: Health, code: string, reason: string): Health {
  return { ...health, impediments: { ...health.impediments, [code]: reason } };
}

/** Removes an impediment; one that is not there is no error. */
export function relieve(health: Health, code: string): Health {
  const { [code]: _gone, ...impediments } = health.impediments;
  return { ...health, impediments };
}

/** Alive until failed: a supervisor restarts what is not alive, so draining and stopped are alive. */
export function liveness(health: Health): Probe {
  const ok = health.state !== 'failed';
  return { ok, state: health.state, sinceMs: health.sinceMs, reasons: ok ? [] : [health.reason] };
}

/** Ready while running and unimpeded; the reasons name everything that is not. */
export function readiness(health: Health): Probe {
  const impediments = Object.entries(health.impediments).map(([code, reason]) => `${code}: ${reason}`);
  const reasons = health.state === 'running' ? impediments : [`${health.state}: ${health.reason}`, ...impediments];
  return { ok: reasons.length === 0, state: health.state, sinceMs: health.sinceMs, reasons };
}
