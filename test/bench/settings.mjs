// The law of changed settings (any option changed at a random restart loses and doubles nothing) in its long form:
// `node test/bench/settings.mjs [--stories 1000] [--seed random]`. A seed that failed repeats its stories.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { stories: { type: 'string', default: '1000' }, seed: { type: 'string', default: 'random' } },
});
const seed = values.seed === 'random' ? String(Math.floor(2 ** 31 * Math.random())) : values.seed;
console.log(`seed ${seed}`);
const env = { ...process.env, FAST_CHECK_SEED: seed, SETTINGS_RUNS: values.stories };
const file = 'test/pipeline/settings/changed-settings.long.test.ts';
const limitMs = String(60_000 + 5_000 * Number(values.stories));
const words = [
  'vitest',
  'run',
  '--config',
  'vitest.long.config.ts',
  file,
  '-t',
  'loses and doubles nothing',
  '--testTimeout',
  limitMs,
];
const { status } = spawnSync('npx', words, { env, stdio: 'inherit' });
process.exit(status ?? 1);
