import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startDemo, untilDemo } from '../support/demo-run.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/scenarios');

describe('the demo', () => {
  it('interrupted in mid-investigation ends within seconds and leaves nothing behind', async () => {
    const run = startDemo(['--warm-up', '10', '--scenario', join(fixtures, 'gateway-pool')]);
    await untilDemo(run, /The incident has its channel/, 200_000);
    const atMs = Date.now();

    run.interrupt();
    const exitCode = await run.ended;

    expect(Date.now() - atMs).toBeLessThan(10_000);
    // Some npm end by the signal that they got too, others with their child's exit code.
    expect([130, 'SIGINT']).toContain(exitCode);
    expect(run.stdout()).toBe('');
    expect(run.stderr()).toContain('nothing is left running');
    expect(await run.leftovers()).toEqual([]);
  });
});
