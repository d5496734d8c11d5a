import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.kafka.test.ts'],
    globalSetup: ['test/kafka.setup.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    fileParallelism: false,
  },
});
