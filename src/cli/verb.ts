import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.js';
import type { Shell } from './shell.js';

/** A verb of the command line: adds itself to the program. `finish` sets the status when it is not 0. */
export type Verb = (program: Command, shell: Shell, finish: (status: ExitCode) => void) => void;
