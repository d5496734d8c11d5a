import { ERRORS, type ErrorClass, type ErrorCode } from './error-table.js';

export { ERRORS, type ErrorClass, type ErrorCode } from './error-table.js';

/** An error of the table. `message` is complete: what, where, and the remedy. */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';

  constructor(
    readonly code: ErrorCode,
    readonly details: Readonly<Record<string, string | number>> = {},
    options?: { cause?: unknown },
  ) {
    super(`${reasonOf(code, details)} — ${ERRORS[code].remedy}`, options);
  }

  get class(): ErrorClass {
    return ERRORS[this.code].class;
  }

  get remedy(): string {
    return ERRORS[this.code].remedy;
  }

  /** The message without the remedy. */
  get reason(): string {
    return reasonOf(this.code, this.details);
  }
}

/** The filled-in message of a code. */
export function reasonOf(code: ErrorCode, details: Readonly<Record<string, string | number>>): string {
  return ERRORS[code].message.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? `{${name}}`));
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What went wrong, without the remedy: for a line that says what is done about it. */
export function whyOf(thrown: unknown): string {
  return thrown instanceof SluiceError ? thrown.reason : messageOf(thrown);
}
