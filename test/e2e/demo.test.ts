import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { demoResult } from '../support/demo-result.ts';
import { startDemo } from '../support/demo-run.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/scenarios');

/** The command that people type, on real Prometheus, Alertmanager, Docker, git and Chromium. */
describe('the demo', () => {
  let elsewhere: string;
  beforeEach(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'elsewhere-'));
  });
  afterEach(() => rm(elsewhere, { recursive: true, force: true }));

  it.each([
    // npm's two header lines come before the object, unless it is asked to be silent.
    ['the fault that ships with it', 'token-ttl', 'user-service', []],
    ['a scenario from outside the project', 'bundle-reservation', 'inventory-service', ['--silent']],
  ])('finds, fixes and proves %s, and leaves nothing behind', async (_case, name, service, npmOptions) => {
    const folder = join(elsewhere, name);
    if (name !== 'token-ttl') await cp(join(fixtures, name), folder, { recursive: true });
    const scenario = name === 'token-ttl' ? name : folder;

    const options = ['--headless', '--json', '--warm-up', '25', '--scenario', scenario];
    const run = startDemo(options, npmOptions);
    const exitCode = await run.ended;

    expect(exitCode, run.stderr()).toBe(0);
    const headerEnd = npmOptions.length === 0 ? run.stdout().indexOf('{') : 0;
    const printed = demoResult.parse(JSON.parse(run.stdout().slice(headerEnd)));
    expect(printed.scenario).toBe(name);
    expect(printed.rootCause).toMatchObject({ service, commit: printed.expected.commit });
    expect(printed.execution.pr).toMatchObject({ merged: true });
    // The threshold of the alert that fires, in demo/monitoring/alerts.yml.
    expect(printed.verification.before).toBeGreaterThan(0.05);
    expect(printed.verification.after).toBeLessThan(0.05);
    expect(await run.leftovers()).toEqual([]);
  });
});
