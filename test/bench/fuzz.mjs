// The fuzz test (messages, keys, headers, timestamps) in its long form: `node test/bench/fuzz.mjs [--messages 1000000] [--seed S]`. A third of the messages goes out
// as JSON, a third as plain Avro, a third behind schema ids; prints what became of them and the memory at its largest.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const env = {
  ...process.env,
  FUZZ_RUNS: String(Math.ceil(Number(values.messages) / 3)),
  FUZZ_SEED: values.seed,
};
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--config', 'vitest.long.config.ts', 'test/app/fuzz.long.test.ts', '--reporter=verbose'],
  {
    env,
    stdio: 'inherit',
  },
);
process.exit(status ?? 1);
