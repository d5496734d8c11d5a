import { type ErrorClass, SluiceError } from '../errors.js';

/** Exit statuses and what they mean; every verb's help and `docs/reference/cli.md` show this table. */
export const EXIT_CODES = {
  0: 'all went well',
  1: 'failed: a bug, or something that no other status names',
  2: 'wrong usage or configuration: the operator must change something',
  3: 'the input is at fault: refused records, a damaged file, a refused snapshot',
  4: 'gave up on something outside: a broker, a registry, a disk; the same command may succeed later',
  130: 'interrupted (SIGINT) before it was done, or twice: nothing committed is lost',
  143: 'terminated (SIGTERM) before it was done, or twice: nothing committed is lost',
} as const;
export type ExitCode = keyof typeof EXIT_CODES;

const BY_CLASS: Readonly<Record<ErrorClass, ExitCode>> = { config: 2, data: 3, transient: 4, bug: 1 };

/** The status a process ends with when this was thrown. */
export function exitCodeOf(thrown: unknown): ExitCode {
  return thrown instanceof SluiceError ? BY_CLASS[thrown.class] : 1;
}
