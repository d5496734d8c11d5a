import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.kafka.test.ts'],
    globalSetup: ['test/kafka.setup.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    fileParallelism: false,
  },
});
