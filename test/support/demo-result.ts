import { z } from 'zod';

const text = z.string().min(1);
const sha = z.string().regex(/^[0-9a-f]{40}$/);
const durationMs = z.number().nonnegative();
const evidence = z.array(z.object({ number: z.number().int().positive(), kind: text, summary: text })).min(1);

/** What `npm run demo -- --headless --json` prints and scripts may rely on, field by field. */
export const demoResult = z.object({
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
