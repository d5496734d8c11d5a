import type { HttpControl } from '../../adapters/http/index.js';
import type { Config } from '../../config/schema.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import { type Control, CONTROL_ACTIONS } from './control.js';
import { controlToken } from './token.js';

/** Lets every counter of control begin at 0. */
export function beginControlMetrics(metrics: Pick<Metrics, 'count'>): void {
  metrics.count('sluice_control_turned_away_total', 0);
  for (const action of CONTROL_ACTIONS)
    for (const outcome of ['done', 'failed']) metrics.count('sluice_control_orders_total', 0, { action, outcome });
}

/** The paths of a control. @throws token-unusable */
export function httpControl(
  http: Config['http'],
  control: Control,
  { metrics, logger }: { readonly metrics: Pick<Metrics, 'count'>; readonly logger: Logger },
): HttpControl {
  return {
    token: controlToken(http),
    hostNames: [http.host, ...http.hostNames],
    actions: CONTROL_ACTIONS.map((action) => ({
      path: `/api/control/${action}`,
      act: (order) => control.order(action, order),
    })),
    turnedAway(status, from) {
      metrics.count('sluice_control_turned_away_total', 1);
      logger.warn('a request to change something was turned away', { status, from });
    },
  };
}
