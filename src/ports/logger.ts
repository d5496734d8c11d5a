export type LogFields = Readonly<Record<string, unknown>>;

/** One structured line each; in normal operation nothing below warn except start, state changes and snapshots. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
