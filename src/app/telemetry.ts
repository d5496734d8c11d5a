import { hostname } from 'node:os';
import { uniqueId } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import type { MetricFamily } from '../observe/metric-family.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { Traces } from '../ports/traces.js';
import { release } from './made-by.js';

/** Where units of work are told as traces, and metrics are sent by itself. */
export interface Telemetry extends Traces {
  close(): Promise<void>;
}

/** Begins to send to `telemetry.otlp.endpoint`; undefined, and nothing loaded for it, where there is none. */
export async function openTelemetry(
  { application, telemetry: { otlp } }: Config,
  metrics: () => Promise<readonly MetricFamily[]>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Telemetry | undefined> {
  const { endpoint, headersEnv, everyMs, traceFraction } = otlp;
  if (endpoint === undefined) return undefined;
  const { OtlpExporter } = await import('../adapters/otlp/index.js');
  const resource = {
    'service.name': application,
    'service.namespace': 'sluice',
    'service.version': release(),
    'service.instance.id': `${hostname()}:${process.pid}`,
  };
  const headers = process.env[headersEnv] ?? '';
  return new OtlpExporter({ endpoint, headers, everyMs, traceFraction, resource, metrics, uniqueId, clock, logger });
}
