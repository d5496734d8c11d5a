import { startHttpServer } from '../adapters/http/index.js';
import { createPrometheusMetrics } from '../adapters/prometheus/index.js';
import type { Config } from '../config/schema.js';
import { RUN_STATES } from '../observe/health.js';
import { createHealthBoard, type HealthBoard } from '../observe/health-board.js';
import { isLoopback } from '../config/loopback.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Traces } from '../ports/traces.js';
import { LiveRun } from './console/live-run.js';
import { openConsole } from './console/open-console.js';
import { Control, type Steering } from './control/control.js';
import { beginControlMetrics, httpControl } from './control/http-control.js';
import { EventDoor } from './door/event-door.js';
import { beginDoorMetrics, httpDoor } from './door/http-door.js';
import { FeatureDoor } from './serving/feature-door.js';
import { beginFeatureMetrics, serveFeatures } from './serving/serve-features.js';
import { recordDisks } from './disks.js';
import { type LiveSettings, RELOAD_OUTCOMES } from './reload.js';
import type { RunWatcher } from './run-watcher.js';
import { openTelemetry } from './telemetry.js';

/** Metrics and health of a run, and the server that shows them. */
export interface Observation {
  readonly metrics: Metrics;
  readonly health: HealthBoard;
  /** To be given to the run; undefined where no console is served. */
  readonly watcher: RunWatcher | undefined;
  /** To be given to the run; undefined where nobody wants traces. */
  readonly traces: Traces | undefined;
  /** Where they are served; undefined when they are not. */
  readonly url: string | undefined;
  /** Pages of the console that are open now. */
  readonly pageCount: () => number;
  readonly close: () => Promise<void>;
}

/**
 * Opens metrics, health and console, and serves them on `http.host:http.port` unless `http.enabled` says otherwise (`auto`:
 * not under `--until-end`, so that two replays on one machine do not fight for a port).
 * @throws SluiceError `http-port-taken`
 */
export async function openObservation(
  config: Config,
  logger: Logger,
  clock: Clock,
  untilEnd: boolean,
  live: LiveSettings = { config },
  steering?: Steering,
): Promise<Observation> {
  const { http, serving } = config;
  const metrics = createPrometheusMetrics({ onFault: (message) => logger.error(message) });
  const showState = (state: string): void => {
    for (const one of RUN_STATES) metrics.gauge('sluice_run_state', one === state ? 1 : 0, { state: one });
  };
  const health = createHealthBoard(
    clock,
    ({ state, reason }) => {
      showState(state);
      logger.info('run state', { state, reason });
    },
    (condition, reason) => {
      if (reason === null) logger.info('no longer in the way', { condition });
      else logger.warn('not ready', { condition, reason });
    },
  );
  showState(health.current.state);
  metrics.gauge('sluice_application_info', 1, { application: config.application });
  metrics.gauge('sluice_budget_fraction', config.selection.budget);
  for (const outcome of RELOAD_OUTCOMES) metrics.count('sluice_config_reloads_total', 0, { outcome });
  metrics.gauge('sluice_config_options_held_back', 0);

  const isServed = http.enabled === 'on' || (http.enabled === 'auto' && !untilEnd);
  const hasConsole = isServed && (http.console === 'on' || (http.console === 'auto' && isLoopback(http.host)));
  const isControlled = isServed && http.control && steering !== undefined;
  const run = hasConsole || isControlled || http.events || serving.enabled ? new LiveRun(clock) : undefined;
  const shown =
    run && hasConsole
      ? openConsole({ config, settings: live, live: run, metrics, health, clock, isControlled }, logger)
      : undefined;
  const { application } = config;
  const control =
    steering && isControlled
      ? new Control({ ...steering, application, open: () => run?.open, clock, logger, metrics })
      : undefined;
  beginControlMetrics(metrics);
  beginDoorMetrics(metrics);
  beginFeatureMetrics(metrics);
  const door = new EventDoor({ open: () => run?.open, clock, metrics });
  /** What is looked up only when somebody asks. */
  const refresh = (): void => {
    metrics.gauge('sluice_ready', health.readiness().ok ? 1 : 0);
    metrics.gauge('sluice_alive', health.liveness().ok ? 1 : 0);
    recordDisks(config, metrics);
  };
  const server = isServed
    ? await startHttpServer({
        host: http.host,
        port: http.port,
        ...(http.tls ? { tls: { ...http.tls, logger } } : {}),
        metrics: () => {
          refresh();
          return metrics.render();
        },
        liveness: health.liveness,
        readiness: health.readiness,
        ...(shown ? { pages: shown.pages } : {}),
        ...(control ? { control: httpControl(http, control, { metrics, logger }) } : {}),
        ...(http.events ? { door: httpDoor(http, door, metrics) } : {}),
      })
    : undefined;
  if (server !== undefined)
    logger.info('serving metrics and health', { url: server.url, console: hasConsole, control: isControlled });
  const families = () => {
    refresh();
    return metrics.families();
  };
  const telemetry = await openTelemetry(config, families, { clock, logger });
  const features = serving.enabled
    ? await serveFeatures(config, new FeatureDoor({ open: () => run?.open, clock, metrics }), {
        metrics,
        logger,
      }).catch(async (thrown: unknown) => {
        await server?.close();
        throw thrown;
      })
    : undefined;
  if (features !== undefined) logger.info('serving features', { url: features.url });
  return {
    metrics,
    health,
    watcher: run,
    traces: telemetry,
    url: server?.url,
    pageCount: () => shown?.pageCount() ?? 0,
    close: async () => {
      shown?.close();
      await features?.close();
      await server?.close();
      await telemetry?.close();
      metrics.close();
    },
  };
}
