import type { Command } from 'commander';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';

/** What ends every verb's help: examples to copy and the statuses it can end with. */
export interface VerbHelp {
  /** Two to four whole command lines. */
  readonly examples: readonly string[];
  /** Statuses besides 0, 1 and 2, which every verb has. */
  readonly exitCodes?: readonly ExitCode[];
}

/** Adds the examples and exit codes to a verb's help. */
export function withHelp(command: Command, { examples, exitCodes = [] }: VerbHelp): Command {
  const codes = ([0, 1, 2, ...exitCodes] as ExitCode[]).map(
    (code) => `  ${String(code).padEnd(4)} ${EXIT_CODES[code]}`,
  );
  return command.addHelpText(
    'after',
    ['', 'Examples:', ...examples.map((example) => `  ${example}`), '', 'Exit codes:', ...codes].join('\n'),
  );
}
