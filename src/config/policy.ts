import { z } from 'zod';
import { remedyKinds, riskClasses } from '../domain/plan.ts';
import { agentPolicySchema } from './agent-policy.ts';
import { channel, name, people } from './schema-words.ts';

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, such as 22:00');

const timeZone = z.string().refine((zone) => {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'must be a time zone, such as Europe/Berlin');

const riskSchema = z.strictObject({
  /** Hours in which every plan is one class higher. */
  quietHours: z
    .strictObject({ from: clockTime, to: clockTime, timeZone: timeZone.default('UTC') })
    .refine(({ from, to }) => from !== to, 'begin and end at the same time, so they never are')
    .nullable()
    .default(null),
  /** The least class of what matches; a field left out matches everything. */
  atLeast: z
    .array(
      z.strictObject({
        kind: z.enum(remedyKinds).optional(),
        service: name.optional(),
        class: z.enum(riskClasses),
        because: z.string().min(1).max(200),
      }),
    )
    .default([]),
});

const breakGlassSchema = z.strictObject({
  /** Who may run a plan alone, with a reason, when nobody else is there. */
  people: people.min(1, 'name somebody, or leave breakGlass out'),
  /** Where it is announced besides the incident's channel. */
  announceTo: channel,
});

const investigationSchema = z.strictObject({
  /** `single`: the top suspect's agent looks alone and at the others through its tools; nobody is asked. */
  agents: z.enum(['several', 'single']).default('several'),
});

export const policySchema = z.strictObject({
  /** How long a plan may wait for its click. */
  planExpiryMinutes: z.number().positive().default(15),
  /** How long an approval may wait for its execution. */
  executionExpiryMinutes: z.number().positive().default(5),
  /** How long owners may leave a plan alone before fallback approvers may decide. */
  fallbackAfterMinutes: z.number().nonnegative().default(5),
  /** How long the alert's expression may take to recover before the fix is undone. */
  verificationTimeoutSeconds: z.number().positive().default(600),
  /** How often the alert's expression is read while a fix is verified. */
  verificationIntervalSeconds: z.number().positive().default(5),
  /** How far apart two alerts on related services may start and still be one failure. */
  groupingWindowMinutes: z.number().positive().default(30),
  /** An alert this soon after the end of its incident reopens it. */
  reopenWindowMinutes: z.number().nonnegative().default(10),
  /** How long pushed logs and traces are kept. */
  telemetryRetentionMinutes: z.number().positive().default(120),
  investigation: investigationSchema.default(investigationSchema.parse({})),
  /** What agents may use up, and which model does what. */
  agents: agentPolicySchema.default(agentPolicySchema.parse({})),
  risk: riskSchema.default(riskSchema.parse({})),
  /** Who may lift a halt; everybody may call one. */
  haltLifters: people.default([]),
  breakGlass: breakGlassSchema.nullable().default(null),
  /** Where the head of the audit chain is posted, so that it is also kept outside the database. */
  auditChannel: channel.nullable().default(null),
  /** Hosts that links of alerts may lead to, besides those of dashboards and of the configured monitors. */
  linkHosts: z.array(z.hostname()).default([]),
});

export type Policy = z.infer<typeof policySchema>;
