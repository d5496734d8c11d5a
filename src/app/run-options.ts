import type { LiveSettings } from './reload.js';
import type { RunWatcher } from './run-watcher.js';
import type { HealthBoard } from '../observe/health-board.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Traces } from '../ports/traces.js';
import type { Transport } from '../ports/transport.js';

/** What a run is given beside its config. */
export interface RunOptions {
  /** Folder of event files to feed in first. */
  readonly eventsDir?: string;
  /** Stop once all input is processed and every window has closed. */
  readonly untilEnd: boolean;
  /** Aborted to drain: the batch under way is finished and committed. */
  readonly signal: AbortSignal;
  /** Given: the run ends with a live proof unless this is aborted. Default: `signal` under `untilEnd`, else no proof at the end. */
  readonly finalProof?: AbortSignal;
  /** Told of the samples seen so far. */
  readonly onProgress?: (doneCount: number, fraction: number | null) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  /** What may change while it runs. Absent: nothing does. */
  readonly live?: LiveSettings;
  /** Told what the run holds, for whoever shows it. */
  readonly watcher?: RunWatcher;
  /** Told of every unit of work. */
  readonly traces?: Traces;
  /** Default: the one that the config names. Closed with the run. */
  readonly transport?: Transport;
  readonly clock?: Clock;
}
