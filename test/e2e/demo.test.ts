import { describe, expect, it } from 'vitest';
import { demoResult } from '../support/demo-result.ts';
import { startDemo } from '../support/demo-run.ts';

/** The command that people type, on real Prometheus, Alertmanager, Docker, git and Chromium. */
describe('the demo', () => {
  it('finds, fixes and proves the fault that ships with it, and leaves nothing behind', async () => {
    const run = startDemo(['--headless', '--json', '--warm-up', '25', '--scenario', 'token-ttl'], []);
    const exitCode = await run.ended;

    expect(exitCode, run.stderr()).toBe(0);
    // npm's two header lines come before the object.
    const printed = demoResult.parse(JSON.parse(run.stdout().slice(run.stdout().indexOf('{'))));
    expect(printed.scenario).toBe('token-ttl');
    expect(printed.rootCause).toMatchObject({ service: 'user-service', commit: printed.expected.commit });
    expect(printed.execution.pr).toMatchObject({ merged: true });
    // The threshold of the alert that fires, in demo/monitoring/alerts.yml.
    expect(printed.verification.before).toBeGreaterThan(0.05);
    expect(printed.verification.after).toBeLessThan(0.05);
    expect(await run.leftovers()).toEqual([]);
  });
});
