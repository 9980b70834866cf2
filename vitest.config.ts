import { defineConfig } from 'vitest/config';
import { sandboxImage } from './setup/sandbox-image.mjs';

/** Zero retries and no empty passes: a test that fails now and then has found something. */
export default defineConfig({
  test: {
    pool: 'forks',
    retry: 0,
    passWithNoTests: false,
    teardownTimeout: 30_000,
    // A condition that is waited for may take its time on a busy machine; one that never comes is a failure all the same.
    expect: { poll: { timeout: 10_000 } },
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
      // These run real servers and mostly wait for them: two files at a time use two cores well.
      ...[
        { name: 'contract', include: ['test/contract/**/*.test.ts'], testTimeout: 60_000 },
        { name: 'flow', include: ['test/flow/**/*.test.ts'], testTimeout: 60_000 },
      ].map(({ name, include, testTimeout }, index) => ({
        extends: true as const,
        test: {
          name,
          include,
          testTimeout,
          maxWorkers: 2,
          hookTimeout: 120_000,
          sequence: { groupOrder: index + 1 },
        },
      })),
      // Whole processes wait for each other most of their time: three share two cores well. The shop raises real alerts on real
      // latency: two of them leave each other room, more would not.
      ...[
        { name: 'process', maxWorkers: 3 },
        { name: 'e2e', maxWorkers: 2 },
      ].map(({ name, maxWorkers }, index) => ({
        extends: true as const,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          maxWorkers,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: index + 3 },
        },
      })),
    ],
  },
});
