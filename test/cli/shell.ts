import { Writable } from 'node:stream';
import { systemClock } from '../../src/adapters/system/index.js';
import { runCommandLine } from '../../src/cli/program.js';
import type { Shell } from '../../src/cli/shell.js';

/** What a command line left behind. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process with a shell that only remembers. */
export async function run(
  words: readonly string[],
  env: Record<string, string> = {},
  ask?: Shell['ask'],
  signal = new AbortController().signal,
): Promise<Ran> {
  const out: string[] = [];
  const said: string[] = [];
  const shell: Shell = {
    out: (text) => {
      out.push(typeof text === 'string' ? text : new TextDecoder().decode(text));
      return Promise.resolve();
    },
    say: (text) => said.push(`${text}\n`),
    isTerminal: false,
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    env,
    ...(ask ? { ask } : {}),
    clock: systemClock,
    signal,
  };
  // The help goes through commander's own stdout writer, which is the process's.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = ((text: string) => out.push(text) > 0) as typeof process.stdout.write;
  try {
    const status = await runCommandLine(words, shell, '1.2.3');
    return { status, stdout: out.join(''), stderr: said.join('') };
  } finally {
    process.stdout.write = write;
  }
}
