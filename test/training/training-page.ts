import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Python of the page: blocks that begin with `# NAME` stand for themselves, the others belong to all of them. */
export interface TrainingPage {
  /** Every Python block, in the order of the page. */
  readonly all: readonly string[];
  /** Blocks without a name: reading and helpers. */
  readonly shared: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

/** The fenced Python blocks of docs/how/training.md. */
export const trainingPage = (): TrainingPage => blocksOf('training.md');

/** The fenced Python blocks of docs/how/own-model.md, which stand after the shared ones of the training page. */
export const ownModelPage = (): TrainingPage => blocksOf('own-model.md');

function blocksOf(page: string): TrainingPage {
  const text = readFileSync(fileURLToPath(new URL(`../../docs/how/${page}`, import.meta.url)), 'utf8');
  const all = [...text.matchAll(/^```python\n(.*?)^```$/gms)].map((found) => found[1]!);
  const nameOf = (block: string) => /^# (.+)\n/.exec(block)?.[1];
  return {
    all,
    shared: all.filter((block) => nameOf(block) === undefined),
    named: new Map(all.flatMap((block) => ((name) => (name === undefined ? [] : [[name, block]]))(nameOf(block)))),
  };
}

/** Top-level modules a block imports. */
export function importsOf(block: string): readonly string[] {
  return [...new Set([...block.matchAll(/^(?:import|from) (\w+)/gm)].map((found) => found[1]!))];
}

const PYTHON = process.env['SLUICE_PYTHON'] ?? 'python3';
/** Library that Keras computes with. */
export const KERAS_BACKEND = process.env['KERAS_BACKEND'] ?? 'jax';
const LIMIT_MS = 300_000;

/**
 * Runs Python with `job` as JSON on its standard input and reads JSON from its standard output. One thread: two test
 * files at once on two cores make OpenMP wait for itself. Throws what Python printed when it ends non-zero.
 */
export function python<Answer>(words: readonly string[], job: unknown, folder: string): Answer {
  const { status, stdout, stderr, error } = spawnSync(PYTHON, words, {
    cwd: folder,
    input: JSON.stringify(job),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: LIMIT_MS,
    env: { ...process.env, OMP_NUM_THREADS: '1', KERAS_BACKEND },
  });
  if (status !== 0) throw new Error(`${PYTHON}: ${stderr}`, { cause: error });
  return JSON.parse(stdout) as Answer;
}

/** Those of `modules` that this Python does not have; all of them when there is no Python. */
export function missingModules(modules: readonly string[]): readonly string[] {
  const script = 'import importlib.util, sys; print(*[m for m in sys.argv[1:] if importlib.util.find_spec(m) is None])';
  const { status, stdout } = spawnSync(PYTHON, ['-c', script, ...modules], { encoding: 'utf8' });
  return status === 0 ? stdout.split(/\s+/).filter((name) => name !== '') : modules;
}
