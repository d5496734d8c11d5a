import { messageOf } from '../../errors.js';
import type { MetricFamily } from '../../observe/metric-family.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Traces, UnitTrace } from '../../ports/traces.js';
import { attributes } from './json.js';
import { metricsJson } from './metrics-json.js';
import { spansJson } from './spans-json.js';

export interface OtlpOptions {
  /** Base address of a collector: `/v1/traces` and `/v1/metrics` are put behind it. */
  readonly endpoint: string;
  /** As OTEL_EXPORTER_OTLP_HEADERS has them: `name=value`, by comma, values percent-encoded. */
  readonly headers: string;
  readonly everyMs: number;
  /** Share of the units of work that are told as traces. */
  readonly traceFraction: number;
  /** What the process is, as attributes of the resource. */
  readonly resource: Readonly<Record<string, string>>;
  readonly metrics: () => Promise<readonly MetricFamily[]>;
  /** Gives a UUID; ids are made of its digits. */
  readonly uniqueId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Signal = 'metrics' | 'traces';
const SIGNALS: readonly Signal[] = ['metrics', 'traces'];

/** Units that wait while the collector does not answer; the oldest go first. About 2 kB each. */
const MOST_WAITING = 2_048;
/** Units of one request. */
const UNITS_A_REQUEST = 256;
const ANSWER_WITHIN_MS = 3_000;
/** A collector that asks for patience; anything else above 399 will not be otherwise the next time. */
const PASSING = new Set([408, 429, 502, 503, 504]);

/**
 * Sends metrics and traces to an OpenTelemetry collector, as OTLP over HTTP in JSON. What cannot be sent is tried again at the
 * next turn, within bounds; the first failure is logged, and the end of it. Nothing waits for it.
 */
export class OtlpExporter implements Traces {
  private waiting: UnitTrace[] = [];
  private droppedCount = 0;
  /** What the last turn could not send. A collector may take traces alone, as Jaeger does. */
  private readonly failing = new Set<Signal>();
  /** Share of a unit that is owed. */
  private owed = 0;
  private readonly startMs: number;
  private readonly ended = new AbortController();
  private wake = new AbortController();
  private readonly loop: Promise<void>;

  constructor(private readonly options: OtlpOptions) {
    this.startMs = options.clock.nowMs();
    this.loop = this.run();
  }

  /** Units that wait to be sent. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  unit(unit: UnitTrace): void {
    this.owed += this.options.traceFraction;
    if (this.owed < 1) return;
    this.owed -= 1;
    this.waiting.push(unit);
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.shift();
      this.droppedCount++;
    }
    if (!this.failing.has('traces') && this.waiting.length >= MOST_WAITING / 2) this.wake.abort();
  }

  /** Sends what waits, once, where somebody takes it, and ends. */
  async close(): Promise<void> {
    this.ended.abort();
    await this.loop;
    await this.turn(SIGNALS.filter((signal) => !this.failing.has(signal)));
  }

  private async run(): Promise<void> {
    const { clock, everyMs } = this.options;
    while (!this.ended.signal.aborted) {
      await clock.sleep(everyMs, AbortSignal.any([this.ended.signal, this.wake.signal]));
      this.wake = new AbortController();
      if (!this.ended.signal.aborted) await this.turn(SIGNALS);
    }
  }

  private async turn(signals: readonly Signal[]): Promise<void> {
    for (const signal of signals) await this.send(signal);
  }

  private async send(signal: Signal): Promise<void> {
    const { endpoint, logger } = this.options;
    // Nothing sent is no sign that anything would be taken.
    if (signal === 'traces' && this.waiting.length === 0) return;
    try {
      await (signal === 'metrics' ? this.sendMetrics() : this.sendTraces());
      if (!this.failing.delete(signal)) return;
      const dropped = signal === 'traces' ? { droppedUnits: this.droppedCount } : {};
      logger.info(`${signal} are taken again`, { endpoint, ...dropped });
      if (signal === 'traces') this.droppedCount = 0;
    } catch (thrown) {
      if (this.failing.has(signal)) return;
      this.failing.add(signal);
      const reason = messageOf(thrown);
      logger.warn(`${signal} are not taken; the stream goes on, and they are tried again`, { endpoint, reason });
    }
  }

  private async sendMetrics(): Promise<void> {
    const families = await this.options.metrics();
    const metrics = metricsJson(families, this.startMs, this.options.clock.nowMs());
    await this.post('metrics', {
      resourceMetrics: [{ ...this.resource(), scopeMetrics: [{ scope: SCOPE, metrics }] }],
    });
  }

  private async sendTraces(): Promise<void> {
    while (this.waiting.length > 0) {
      const units = this.waiting.slice(0, UNITS_A_REQUEST);
      const spans = units.flatMap((unit) => spansJson(unit, this.hexId));
      await this.post('traces', { resourceSpans: [{ ...this.resource(), scopeSpans: [{ scope: SCOPE, spans }] }] });
      // Some of them may have been dropped meanwhile.
      const sent = new Set(units);
      this.waiting = this.waiting.filter((unit) => !sent.has(unit));
    }
  }

  private readonly hexId = (digits: 16 | 32): string => this.options.uniqueId().replaceAll('-', '').slice(-digits);

  private resource(): object {
    return { resource: { attributes: attributes(this.options.resource) } };
  }

  /** Throws where it was not taken; what never will be is gone then. */
  private async post(signal: Signal, body: object): Promise<void> {
    const { endpoint, headers } = this.options;
    const response = await fetch(`${endpoint.replace(/\/+$/, '')}/v1/${signal}`, {
      method: 'POST',
      headers: { ...headersIn(headers), 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      redirect: 'error',
    });
    await response.body?.cancel();
    if (response.ok) return;
    if (signal === 'traces' && !PASSING.has(response.status)) {
      const lost = this.waiting.splice(0, UNITS_A_REQUEST);
      this.droppedCount += lost.length;
    }
    throw new Error(`${signal} answered with ${response.status}`);
  }
}

const SCOPE = { name: 'sluice' };

function headersIn(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
    }),
  );
}
