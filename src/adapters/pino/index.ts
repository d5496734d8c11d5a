import { pino, stdSerializers, stdTimeFunctions, type DestinationStream } from 'pino';
import type { LogFields, Logger } from '../../ports/logger.js';
import { prettyStream } from './pretty.js';

/** Field names, at the top or one level down, that name a person or open a door. Their values never reach a log. */
const REDACTED_FIELDS = ['sessionId', 'userId', 'identifier', 'query', 'password', 'secret', 'key', 'authorization'];

export interface LoggerOptions {
  /** Least severe level written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'json' | 'pretty';
  /** Where lines go; stderr by default, since stdout is for results. */
  readonly out?: NodeJS.WritableStream;
}

/** A logger whose least level may be moved while it writes. */
export interface LeveledLogger extends Logger {
  setLevel(level: LoggerOptions['level']): void;
}

/**
 * A logger that writes one line each, at once (a line is out before the call returns when it goes to stderr, so the last
 * words of a process are never lost). JSON lines have `time` in ISO 8601, `level` as a word, `msg`, and the fields;
 * errors among the fields keep message and stack; {@link REDACTED_FIELDS} read `[redacted]`.
 */
export function createLogger(options: LoggerOptions): LeveledLogger {
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: REDACTED_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    destination(options),
  );
  return {
    debug: (message, fields) => log.debug(serialised(fields), message),
    info: (message, fields) => log.info(serialised(fields), message),
    warn: (message, fields) => log.warn(serialised(fields), message),
    error: (message, fields) => log.error(serialised(fields), message),
    setLevel: (level) => void (log.level = level),
  };
}

function destination({ format, out }: LoggerOptions): DestinationStream {
  if (format === 'pretty') return prettyStream(out ?? process.stderr);
  return out ? { write: (line) => void out.write(line) } : pino.destination({ fd: 2, sync: true });
}

/** A plain copy with errors as JSON can hold them, under whatever name they stand; bigints as text. */
function serialised(fields: LogFields = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Error) return stdSerializers.err(value);
  return typeof value === 'bigint' ? value.toString() : value;
}
