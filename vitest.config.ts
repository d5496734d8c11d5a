import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/**/*.long.test.ts',
      'test/**/*.kafka.test.ts',
      'test/**/*.page.test.ts',
      'test/**/*.webgpu.test.ts',
      'node_modules/**',
    ],
    globalSetup: ['test/suites.setup.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    // Files share what they import: a third of the time was importing the same modules again. A test leaves nothing behind.
    isolate: false,
    // On two cores vitest would run one file at a time, and many files wait for clocks and disks.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
