import type { LogFields, Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';

type Labels = Readonly<Record<string, string>>;

/** What was recorded on a metric, in the order of the parameters of {@link Metrics}. */
export type Recording =
  | readonly ['count' | 'gauge' | 'observe', name: string, value: number, labels: Labels | undefined]
  | readonly ['forget', labels: Labels];

/** Keeps what is recorded until somebody takes it to the thread that shows it. */
export class ForwardedMetrics implements Metrics {
  private recordings: Recording[] = [];

  count(name: string, by: number, labels?: Labels): void {
    this.recordings.push(['count', name, by, labels]);
  }

  gauge(name: string, value: number, labels?: Labels): void {
    this.recordings.push(['gauge', name, value, labels]);
  }

  observe(name: string, value: number, labels?: Labels): void {
    this.recordings.push(['observe', name, value, labels]);
  }

  forget(labels: Labels): void {
    this.recordings.push(['forget', labels]);
  }

  /** What was recorded since the last call, oldest first. */
  take(): readonly Recording[] {
    const taken = this.recordings;
    this.recordings = [];
    return taken;
  }
}

/** Records what another thread recorded, in its order. */
export function replay(recordings: readonly Recording[], metrics: Metrics): void {
  for (const recording of recordings) {
    if (recording[0] === 'forget') metrics.forget(recording[1]);
    else metrics[recording[0]](recording[1], recording[2], recording[3]);
  }
}

/** A logger whose lines another one writes. */
export function forwardedLogger(
  said: (line: {
    readonly level: keyof Logger;
    readonly message: string;
    readonly fields: LogFields | undefined;
  }) => void,
): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: LogFields): void =>
      said({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
