import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startDemo, untilDemo } from '../support/demo-run.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/scenarios');
const text = z.string().min(1);
const sha = z.string().regex(/^[0-9a-f]{40}$/);
const durationMs = z.number().nonnegative();
const evidence = z.array(z.object({ number: z.number().int().positive(), kind: text, summary: text })).min(1);

/** What scripts may rely on, field by field. */
const result = z.object({
  scenario: text,
  investigator: z.literal('evidence'),
  incident: z.object({ id: text, channel: z.string().regex(/^inc-/), status: z.literal('resolved') }),
  timings: z.object({
    faultToAlertMs: durationMs,
    alertToChannelMs: durationMs,
    channelToFirstFindingMs: durationMs,
    alertToRootCauseMs: durationMs,
    approvalToExecutedMs: durationMs,
    executedToResolvedMs: durationMs,
  }),
  suspects: z.array(z.object({ service: text, score: z.number(), reasons: z.array(text) })).min(1),
  findings: z.array(z.object({ service: text, text, evidence })).min(2),
  rootCause: z.object({
    service: text,
    commit: sha,
    outcome: z.enum(['confirmed', 'likely']),
    statement: text,
    evidence,
  }),
  plan: z.object({ remedy: text, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  approval: z.object({ by: z.literal('mira'), at: z.iso.datetime() }),
  execution: z.object({
    steps: z.array(z.object({ remedy: text, state: z.literal('applied'), summary: text, check: text })),
    pr: z.object({ number: z.number().int().positive(), merged: z.literal(true) }).nullable(),
  }),
  verification: z.object({ before: z.number(), after: z.number(), alertResolved: z.literal(true) }),
  rollback: z.null(),
  channelsCreated: z.literal(1),
  messagesPosted: z.number().int().min(5),
  expected: z.object({ service: text, commit: sha, remedy: text, right: z.literal(true) }),
  problem: z.null(),
});

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
    const printed = result.parse(JSON.parse(run.stdout().slice(headerEnd)));
    expect(printed.scenario).toBe(name);
    expect(printed.rootCause).toMatchObject({ service, commit: printed.expected.commit });
    expect(printed.execution.pr).toMatchObject({ merged: true });
    // The threshold of the alert that fires, in demo/monitoring/alerts.yml.
    expect(printed.verification.before).toBeGreaterThan(0.05);
    expect(printed.verification.after).toBeLessThan(0.05);
    expect(await run.leftovers()).toEqual([]);
  });

  it('finds the index that a million payments lack, and proves that the statement goes through it', async () => {
    const run = startDemo(['--headless', '--json', '--warm-up', '25', '--scenario', 'slow-query']);
    const exitCode = await run.ended;

    expect(exitCode, run.stderr()).toBe(0);
    const { rootCause, plan, execution, verification, expected } = result.parse(JSON.parse(run.stdout()));
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
