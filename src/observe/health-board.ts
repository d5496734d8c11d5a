import type { Clock } from '../ports/clock.js';
import type { Impediment } from './conditions.js';
import {
  alarm,
  type Health,
  impede,
  liveness,
  mayMove,
  move,
  type Probe,
  readiness,
  relieve,
  type RunState,
  startingHealth,
} from './health.js';

/** Where a run writes its state and probes read it. */
export interface HealthBoard {
  readonly current: Health;
  /** Enters a state. Throws `bug` when the transition table forbids it. */
  enter(state: RunState, reason: string): void;
  /** Enters `failed` from wherever the run is; the first failure stays, and a run that stopped stays stopped. */
  fail(reason: string): void;
  /** Something stands in the way: not ready while it does. */
  impede(code: Impediment, reason: string): void;
  /** An impediment for which half of the patience is used up: not alive while it stands, if a restart may cure it. */
  alarm(code: Impediment, reason: string): void;
  relieve(code: Impediment): void;
  liveness(): Probe;
  readiness(): Probe;
}

/**
 * A board in state `starting`.
 * @param onChange told of every state entered, once; the place to log it and to set `sluice_run_state`
 * @param onCondition told when something begins to stand in the way, why, and when it ends (null)
 */
export function createHealthBoard(
  clock: Pick<Clock, 'nowMs'>,
  onChange: (health: Health) => void = () => {},
  onCondition: (code: Impediment, reason: string | null) => void = () => {},
): HealthBoard {
  /** The newest health; replaced as a whole, never edited. */
  let health = startingHealth(clock.nowMs());
  const enter = (state: RunState, reason: string): void => {
    health = move(health, state, reason, clock.nowMs());
    onChange(health);
  };
  const begin = (code: Impediment, reason: string): void => {
    if (!Object.hasOwn(health.impediments, code)) onCondition(code, reason);
  };
  return {
    get current() {
      return health;
    },
    enter,
    fail: (reason) => {
      if (mayMove(health.state, 'failed')) enter('failed', reason);
    },
    impede: (code, reason) => {
      begin(code, reason);
      health = impede(health, code, reason);
    },
    alarm: (code, reason) => {
      begin(code, reason);
      health = alarm(health, code, reason);
    },
    relieve: (code) => {
      if (Object.hasOwn(health.impediments, code)) onCondition(code, null);
      health = relieve(health, code);
    },
    liveness: () => liveness(health),
    readiness: () => readiness(health),
  };
}
