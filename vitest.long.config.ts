import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** What takes half a minute or more a file: whole lives of the built program, and comparisons with libraries in Python. */
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
