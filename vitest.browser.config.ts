import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.page.test.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { ORT_DISABLE_TELEMETRY: '1' },
    pool: 'forks',
    fileParallelism: false,
  },
});
