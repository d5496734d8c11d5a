import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_')));

/** How a process ended, and what it said. */
export interface End {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From its start to its end, ms. */
  readonly tookMs: number;
}

/** A `sluice` in a process of its own, from dist/. */
export interface Child {
  readonly ended: Promise<End>;
  /** Resolves once its stderr holds the text; rejects when it ends before. */
  readonly said: (text: string | RegExp) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
}

export function startSluice(words: readonly string[]): Child {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of [...watchers]) look();
  });
  const ended = new Promise<End>((resolve) => {
    child.once('close', (status, signal) =>
      resolve({ status, signal, stdout, stderr, tookMs: performance.now() - beganMs }),
    );
  });
  return {
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = typeof text === 'string' ? stderr.includes(text) && text : text.exec(stderr)?.[0];
          if (!found) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
        void ended.then(({ status }) =>
          reject(new Error(`ended with ${status} before it said ${String(text)}:\n${stderr}`)),
        );
      }),
    signal: (name) => void child.kill(name),
  };
}

/** Runs a verb to its end. @throws when its status is not 0 */
export function sluice(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`sluice ${words[0]} ended with ${status}: ${stderr}`);
  return stdout;
}
