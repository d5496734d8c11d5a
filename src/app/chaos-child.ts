import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { workerFile } from '../adapters/threads/worker-file.js';

/** How a child process ended. */
export interface ChildEnd {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  /** The last line it wrote to stdout. */
  readonly lastLine: string;
  /** The last lines of its stderr, for a report. */
  readonly lastWords: string;
}

/** A `sluice run --until-end` in a process of its own. */
export interface RunChild {
  readonly pid: number;
  /** Resolves once it has joined and begins to restore and work, or has ended before that. */
  readonly joined: Promise<void>;
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** SIGKILL: the process can neither catch it nor finish anything. */
  readonly kill: () => void;
}

const LAST_WORDS_LENGTH = 4_000;
const JOINED_LINE = '"state":"running"';

/**
 * Starts the program again as `sluice run`. SLUICE_… variables do not reach it: they would bend its config.
 * @throws SluiceError `file-unreadable` when dist/ is not built
 */
export function startRun(configFile: string): RunChild {
  const program = fileURLToPath(workerFile(new URL('../main.js', import.meta.url)));
  const words = ['run', '--config', configFile, '--until-end', '--format', 'json', '--log-level', 'info'];
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))),
  });
  let stdout = '';
  let lastWords = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<ChildEnd>((resolve) => {
    const end = (status: number | null): void =>
      resolve({ status, lastLine: stdout.trim().split('\n').at(-1) ?? '', lastWords: lastWords.trim() });
    child.once('close', end);
    child.once('error', (error) => {
      lastWords += error.message;
      end(null);
    });
  });
  const joined = new Promise<void>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_LENGTH);
      if (lastWords.includes(JOINED_LINE)) resolve();
    });
    void ended.then(() => resolve());
  });
  return { pid: child.pid ?? 0, joined, ended, kill: () => void child.kill('SIGKILL') };
}
