import type { Logger } from '../ports/logger.js';
import type { Shell } from './shell.js';

/**
 * The shell of a verb that runs for long: where stderr is no terminal and the log is JSON, what it says goes through the log,
 * so that whoever reads the lines as JSON meets nothing else. Warnings of Node and of native libraries do, too.
 */
export function loggingShell(shell: Shell, logger: Logger, format: 'json' | 'pretty'): Shell {
  if (shell.isTerminal || format !== 'json') return shell;
  return {
    out: shell.out,
    say: (text) => logger.info(text),
    isTerminal: false,
    stderr: shell.stderr,
    env: shell.env,
    clock: shell.clock,
    get signal() {
      return shell.signal;
    },
  };
}

/** Puts warnings of the process into the log, in place of Node's own lines. @returns the way back */
export function logWarnings(logger: Logger): () => void {
  const before = process.listeners('warning');
  const toLog = ({ name, message }: Error): void => logger.warn(message, { warning: name });
  process.removeAllListeners('warning');
  process.on('warning', toLog);
  return () => {
    process.off('warning', toLog);
    for (const listener of before) process.on('warning', listener as (warning: Error) => void);
  };
}
