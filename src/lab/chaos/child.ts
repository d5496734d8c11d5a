import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { workerFile } from '../../adapters/threads/worker-file.js';

/** How a child process ended. */
export interface ChildEnd {
  /** Exit status; null when a signal ended it. */
  readonly status: number | null;
  /** The last line it wrote to stdout. */
  readonly lastLine: string;
  /** The last lines of its stderr, for a report. */
  readonly lastWords: string;
}

/** A `sluice run` in a process of its own. */
export interface RunChild {
  readonly pid: number;
  /** Resolves once it has joined and begins to restore and work, or has ended before that. */
  readonly joined: Promise<void>;
  /** Resolves once its stderr has held the text since this call, true, or it has ended before, false. */
  readonly said: (text: string) => Promise<boolean>;
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** SIGKILL: the process can neither catch it nor finish anything. */
  readonly kill: () => void;
  /** SIGTERM: it drains and ends by itself. */
  readonly terminate: () => void;
}

/** How a run is started. */
export interface RunWords {
  /** Ends once all input is processed and every window has closed; off: it runs until it is told to end. */
  readonly untilEnd: boolean;
  readonly logLevel: 'info' | 'debug';
  /** Largest file that it may write, in blocks of 512 bytes: what a full disk is to it. */
  readonly maxFileBlocks?: number;
  /** Variables that it has beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told each line of its stderr. */
  readonly onLine?: (line: string) => void;
}

const LAST_WORDS_LENGTH = 4_000;
const JOINED_LINE = '"state":"running"';

/**
 * Starts the program again as `sluice run`. SLUICE_… variables do not reach it: they would bend its config.
 * @throws SluiceError `file-unreadable` when dist/ is not built
 */
export function startRun(configFile: string, { untilEnd, logLevel, maxFileBlocks, env, onLine }: RunWords): RunChild {
  const program = fileURLToPath(workerFile(new URL('../../main.js', import.meta.url)));
  const words = [process.execPath, program, 'run', '--config', configFile, '--format', 'json', '--log-level', logLevel];
  if (untilEnd) words.push('--until-end');
  const limited = maxFileBlocks === undefined ? [] : ['/bin/sh', '-c', `ulimit -f ${maxFileBlocks}; exec "$0" "$@"`];
  const [command = '', ...rest] = [...limited, ...words];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))),
      ...env,
    },
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
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS_LENGTH);
  });
  if (onLine) createInterface({ input: child.stderr }).on('line', onLine);
  const said = (wanted: string): Promise<boolean> =>
    new Promise((resolve) => {
      // A text may come in two pieces.
      let tail = '';
      const look = (text: string): void => {
        tail = (tail + text).slice(-LAST_WORDS_LENGTH);
        if (!tail.includes(wanted)) return;
        child.stderr.off('data', look);
        resolve(true);
      };
      child.stderr.on('data', look);
      void ended.then(() => resolve(false));
    });
  return {
    pid: child.pid ?? 0,
    joined: said(JOINED_LINE).then(() => undefined),
    said,
    ended,
    kill: () => void child.kill('SIGKILL'),
    terminate: () => void child.kill('SIGTERM'),
  };
}
