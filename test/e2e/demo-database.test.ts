import { describe, expect, it } from 'vitest';
import { demoResult } from '../support/demo-result.ts';
import { startDemo } from '../support/demo-run.ts';

/** The command that people type, on real PostgreSQL, Prometheus, Alertmanager, Docker, git and Chromium. */
describe('the demo with a database', () => {
  it('finds the index that a million payments lack, and proves that the statement goes through it', async () => {
    const run = startDemo(['--headless', '--json', '--warm-up', '25', '--scenario', 'slow-query']);
    const exitCode = await run.ended;

    expect(exitCode, run.stderr()).toBe(0);
    const { rootCause, plan, execution, verification, expected } = demoResult.parse(JSON.parse(run.stdout()));
    expect(rootCause).toMatchObject({ service: 'payment-service', commit: expected.commit });
    expect(rootCause.statement).toMatch(/payments has no index for user_id, created_at.*Seq Scan/);
    expect(rootCause.evidence.map((row) => row.kind)).toEqual(expect.arrayContaining(['log', 'database']));
    expect([plan.remedy, expected.remedy]).toEqual(['create-index', 'create-index']);
    expect(execution.pr).toBeNull();
    expect(execution.steps[0]?.check).toContain('Index Scan');
    // Seconds depend on the machine; the threshold of the alert is one.
    expect(verification.before).toBeGreaterThan(1);
    expect(verification.after).toBeLessThan(verification.before / 4);
    expect(await run.leftovers()).toEqual([]);
  });
});
