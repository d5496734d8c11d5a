import { crossProblems } from '../config/cross-checks.js';
import { type HeldBack, liveChange, type LiveConfig, type OptionChange } from '../config/live.js';
import type { LoadedConfig } from '../config/load.js';
import { listOptions } from '../config/options.js';
import { formatProblems } from '../config/problem.js';
import type { Config } from '../config/schema.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';

export const RELOAD_OUTCOMES = ['applied', 'unchanged', 'refused'] as const;

/** What reading the config again came to. */
export interface Reload {
  /** `refused`: nothing has changed, because the config is not valid or all of its changes need a restart. */
  readonly outcome: (typeof RELOAD_OUTCOMES)[number];
  readonly applied: readonly OptionChange[];
  /** What else the config says differently: it acts after a restart. */
  readonly heldBack: readonly HeldBack[];
  /** Why the config is not valid; empty when it is. */
  readonly problems: string;
}

/** What of a config may change while it runs; asked for each unit of work. */
export interface LiveSettings {
  readonly config: LiveConfig;
}

/** What a reload reads from and tells. */
export interface ReloadDeps {
  /** Reads the same file, variables and flags once more. */
  readonly load: () => LoadedConfig;
  readonly isSet: (variable: string) => boolean;
  readonly setLogLevel: (level: Config['log']['level']) => void;
  readonly logger: Logger;
}

/** The settings of a running instance, and the way to change them. */
export class Reloader implements LiveSettings {
  private metrics: Pick<Metrics, 'count' | 'gauge'> | undefined;

  constructor(
    private running: Config,
    private readonly deps: ReloadDeps,
  ) {}

  /** Counts from now on. */
  countIn(metrics: Pick<Metrics, 'count' | 'gauge'>): void {
    this.metrics = metrics;
  }

  /** The config that the instance runs under now. */
  get config(): Config {
    return this.running;
  }

  /**
   * Reads the config again and takes over what may change live; partitions follow between two units of work. What needs a
   * restart is named with the way out and stays as it was. An invalid config changes nothing. Never throws.
   * @param by who asked, for the log
   */
  reload(by: string): Reload {
    const result = this.take();
    const { outcome, applied, heldBack, problems } = result;
    const { logger, setLogLevel } = this.deps;
    this.metrics?.count('sluice_config_reloads_total', 1, { outcome });
    if (problems === '') this.metrics?.gauge('sluice_config_options_held_back', heldBack.length);
    this.metrics?.gauge('sluice_budget_fraction', this.running.selection.budget);
    setLogLevel(this.running.log.level);
    const what = Object.fromEntries(applied.map(({ path, before, after }) => [path, { before, after }]));
    if (problems !== '') logger.error('the config is not valid, and nothing has changed', { by, problems });
    else if (outcome === 'unchanged') logger.info('the config says what it said', { by });
    else if (outcome === 'applied') logger.info('the config was read again', { by, applied: what });
    for (const { path, before, after, remedy } of heldBack)
      logger.warn(`${path} does not change while it runs`, { by, before, after, remedy });
    return result;
  }

  private take(): Reload {
    const nothing = { applied: [], heldBack: [] };
    try {
      const { config: wanted, problems, sourceOf } = this.deps.load();
      const errorsOf = (found: typeof problems): string =>
        formatProblems(found.filter(({ severity }) => severity === 'error'));
      if (wanted === null) return { ...nothing, outcome: 'refused', problems: errorsOf(problems) };
      const paths = listOptions().map(({ path }) => path);
      const { config, applied, heldBack } = liveChange(this.running, wanted, paths);
      // What is held back may be what makes the rest valid.
      const mixed = errorsOf(crossProblems(config, { isSet: this.deps.isSet }, sourceOf));
      if (mixed !== '') return { ...nothing, outcome: 'refused', heldBack, problems: mixed };
      this.running = config;
      const outcome = applied.length > 0 ? 'applied' : heldBack.length > 0 ? 'refused' : 'unchanged';
      return { outcome, applied, heldBack, problems: '' };
    } catch (thrown) {
      return { ...nothing, outcome: 'refused', problems: messageOf(thrown) };
    }
  }
}
