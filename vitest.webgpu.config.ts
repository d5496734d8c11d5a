import { env } from 'node:process';
import { defineConfig } from 'vitest/config';

/** The software Vulkan driver that Debian's chromium brings; VK_DRIVER_FILES names another, a real one too. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

export default defineConfig({
  test: {
    include: ['test/**/*.webgpu.test.ts'],
    setupFiles: ['test/fast-check.setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    env: { ORT_DISABLE_TELEMETRY: '1', VK_DRIVER_FILES: env['VK_DRIVER_FILES'] ?? SOFTWARE_DRIVER },
    pool: 'forks',
    fileParallelism: false,
  },
});
