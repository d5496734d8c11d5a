import type { Clock } from '../../../ports/clock.js';
import type { Transport } from '../../../ports/transport.js';
import type { Instances } from './instances.js';

/** What a scenario about instances works with: a prepared application and a view of it from outside. */
export interface Stage {
  readonly instances: Instances;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}
