import { type HttpServer, startDoorServer } from '../../adapters/http/index.js';
import type { Config } from '../../config/schema.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import { tokenIn } from '../control/token.js';
import { type FeatureDoor, LOOK_OUTCOMES } from './feature-door.js';

/** With the bytes of one they bound the memory; a look takes a millisecond unless a unit of work is in its way. */
const MOST_AT_ONCE = 64;

/** Lets every counter begin at 0. */
export function beginFeatureMetrics(metrics: Pick<Metrics, 'count'>): void {
  metrics.count('sluice_features_turned_away_total', 0);
  for (const outcome of LOOK_OUTCOMES) metrics.count('sluice_features_requests_total', 0, { outcome });
}

/** Serves `POST /v1/features` at `serving.host:serving.port`. @throws token-unusable, http-port-taken */
export function serveFeatures(
  { serving, http }: Pick<Config, 'serving' | 'http'>,
  door: FeatureDoor,
  { metrics, logger }: { readonly metrics: Pick<Metrics, 'count'>; readonly logger: Logger },
): Promise<HttpServer> {
  return startDoorServer({
    host: serving.host,
    port: serving.port,
    ...(http.tls ? { tls: { ...http.tls, logger } } : {}),
    door: {
      token: tokenIn('serving', serving.tokenEnv, serving.tokenFile),
      maxBytes: serving.maxBytes,
      mostAtOnce: MOST_AT_ONCE,
      options: { maxBytes: 'serving.maxBytes', tokenEnv: 'serving.tokenEnv' },
      intakes: [{ path: '/v1/features', take: (body) => door.answer(body) }],
      turnedAway: () => metrics.count('sluice_features_turned_away_total', 1),
    },
  });
}
