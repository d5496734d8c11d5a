import { createInterface } from 'node:readline/promises';
import type { Clock } from '../ports/clock.js';
import { abortOnSignals, onHangup } from './signals.js';

/** The world as a verb sees it; tests give their own. */
export interface Shell {
  /** Data, to stdout. Resolves when the reader has room for more. */
  readonly out: (text: string | Uint8Array) => Promise<void>;
  /** Everything else, to stderr, one line or more; a newline is added. */
  readonly say: (text: string) => void;
  /** True when stderr is a terminal, so that bars may move. */
  readonly isTerminal: boolean;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /**
   * Aborted by the first SIGINT or SIGTERM: finish what is begun and leave. Signals are caught from the first time a verb
   * asks for it; one that never asks ends at Ctrl-C, as it should.
   */
  readonly signal: AbortSignal;
  /** Puts a question to the person at the terminal; absent where nobody is there. */
  readonly ask?: (question: string) => Promise<string>;
  /** Hears every SIGHUP; absent where there are none. @returns the way back */
  readonly onHangup?: (listener: () => void) => () => void;
}

/**
 * The shell of this process. A reader of stdout that goes away (`| head`) ends the process without a word, as it does for
 * other tools.
 */
export function processShell(clock: Clock): Shell {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  /** Made when first asked for. */
  let signal: AbortSignal | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (text) =>
      new Promise((resolve) => {
        if (process.stdout.write(text)) resolve();
        else process.stdout.once('drain', resolve);
      }),
    say,
    isTerminal: process.stderr.isTTY,
    stderr: process.stderr,
    env: process.env,
    clock,
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: askTerminal } : {}),
    onHangup,
    get signal() {
      return (signal ??= abortOnSignals(say));
    },
  };
}

/** On stderr, so that what a verb writes to stdout stays whole. */
async function askTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
