import { defineConfig } from 'vitest/config';
import { sandboxImage } from './setup/sandbox-image.mjs';

/** Zero retries and no empty passes: a test that fails now and then has found something. */
export default defineConfig({
  test: {
    pool: 'forks',
    retry: 0,
    passWithNoTests: false,
    env: { SANDBOX_IMAGE: process.env['SANDBOX_IMAGE'] || sandboxImage },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 20_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      // These run real servers. One file at a time: two of them at once measure each other.
      ...['contract', 'flow', 'e2e'].map((name, index) => ({
        extends: true as const,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          fileParallelism: false,
          testTimeout: name === 'e2e' ? 300_000 : 60_000,
          hookTimeout: 120_000,
          teardownTimeout: 30_000,
          sequence: { groupOrder: index + 1 },
        },
      })),
    ],
  },
});
