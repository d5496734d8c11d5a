import { messageOf, SluiceError } from '../errors.js';

/**
 * What the terminal shows of an error: code, reason and remedy, and never a stack unless asked for.
 * @param isDebugging adds the stack and those of its causes
 */
export function errorReport(thrown: unknown, isDebugging: boolean): string {
  const lines =
    thrown instanceof SluiceError
      ? [`error ${thrown.code}: ${thrown.reason}`, `remedy: ${remedyOf(thrown)}`]
      : [
          `error bug: ${messageOf(thrown)}`,
          'remedy: run again with --log-level debug for the stack, and please report it',
        ];
  if (isDebugging) lines.push(...stacksOf(thrown));
  return lines.join('\n');
}

/** The message of a table error is its reason, a dash and the remedy. */
function remedyOf(error: SluiceError): string {
  return error.message.slice(error.reason.length).replace(/^ — /, '');
}

function stacksOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [];
  return [thrown.stack ?? thrown.message, ...stacksOf(thrown.cause)];
}
