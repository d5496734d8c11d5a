import { z } from 'zod';
import { environmentVariable, fraction } from './units.js';

/** What is sent to a monitoring system that does not come for it. */
export const telemetry = z.strictObject({
  otlp: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe(
          'Address of an OpenTelemetry collector that takes OTLP over HTTP, without `/v1/traces` or `/v1/metrics`, e.g. `http://127.0.0.1:4318`. Without it nothing is sent.',
        ),
      headersEnv: environmentVariable
        .default('OTEL_EXPORTER_OTLP_HEADERS')
        .describe(
          'Environment variable with headers for it, `name=value` by comma, values percent-encoded; a token never stands in the file.',
        ),
      everyMs: z
        .number()
        .int()
        .min(100)
        .default(5_000)
        .describe('How often metrics are sent, all of them, and the units of work since the last time as traces.'),
      traceFraction: fraction
        .default(1)
        .describe('Share of the units of work that become a trace: one span each, and in it one for each stage.'),
    })
    .prefault({}),
});
