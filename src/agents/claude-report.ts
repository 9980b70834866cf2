import { z } from 'zod';
import type { Json } from '../platform/canonical-json.ts';
import type { Report } from './investigator.ts';

const claim = z.object({
  kind: z
    .enum(['symptom', 'blame', 'cause', 'healthy'])
    .describe('blame: the trouble comes from another service; cause: it starts here'),
  text: z.string().min(1).max(600).describe('one sentence for the channel'),
  evidence: z.array(z.number().int().positive()).describe('numbers of the evidence it rests on'),
  blamesService: z.string().nullable().describe('for blame and cause: the service'),
  blamesCommit: z.string().nullable().describe('for cause: the full commit sha, when one explains it'),
  confidence: z.number().min(0).max(1),
});

const reportSchema = z.object({
  claims: z.array(claim).max(8),
  ruledOut: z.array(z.string().max(300)).max(10),
  nextChecks: z.array(z.string().max(300)).max(10),
});

/** JSON Schema for the model; bounds it may ignore are checked again by `parseReport`. */
export const reportJsonSchema = z.toJSONSchema(reportSchema) as unknown as { readonly [key: string]: Json };

/** The report in a model's last text, or why it is none. Text around the JSON object is forgiven. */
export function parseReport(text: string): { report: Report } | { problem: string } {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, end + 1));
  } catch {
    return { problem: 'The answer is not a JSON object.' };
  }
  const parsed = reportSchema.safeParse(value);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const claims = parsed.data.claims.map(({ blamesService, blamesCommit, ...rest }) => ({
    ...rest,
    ...(blamesService === null
      ? {}
      : { blames: { service: blamesService, ...(blamesCommit === null ? {} : { commit: blamesCommit }) } }),
  }));
  return { report: { claims, ruledOut: parsed.data.ruledOut, nextChecks: parsed.data.nextChecks } };
}
