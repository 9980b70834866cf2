import { z } from 'zod';
import { type PlanBody, planCanonical, remedyKinds, riskClasses } from '../../domain/plan.ts';
import type { Json } from '../../platform/canonical-json.ts';

const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/** Strict: a field that the card does not know how to show must not be approved. */
const planBody = z.strictObject({
  version: z.literal(1),
  planId: z.string().min(1),
  incidentId: z.string().min(1),
  service: z.string().min(1),
  remedies: z
    .array(
      z.strictObject({
        kind: z.enum(remedyKinds),
        service: z.string().min(1),
        params: z.record(z.string(), json),
        pins: z.record(z.string(), z.string()),
        preview: z.strictObject({
          summary: z.string(),
          diff: z.string(),
          measured: z.strictObject({ what: z.string(), before: z.string(), after: z.string() }).nullable(),
          notes: z.array(z.string()),
          undo: z.string(),
        }),
      }),
    )
    .min(1),
  risk: z.strictObject({ class: z.enum(riskClasses), reasons: z.array(z.string()) }),
  tainted: z.boolean(),
  requestedBy: z.array(z.string()),
  evidence: z.array(z.number()),
  history: z.array(z.string()),
  verification: z.strictObject({
    alert: z.string(),
    expression: z.string(),
    series: z.record(z.string(), z.string()),
  }),
}) satisfies z.ZodType<PlanBody>;

export type ReadPlan =
  | { readonly readable: true; readonly body: PlanBody }
  | { readonly readable: false; readonly reason: string };

/** The plan as its stored bytes say it, provided that they are what the digest was taken of. */
export function readPlan(planId: string, canonical: string, digest: string): ReadPlan {
  let parsed: unknown;
  try {
    parsed = JSON.parse(canonical);
  } catch {
    return unreadable('its stored text is not JSON');
  }
  const shape = planBody.safeParse(parsed);
  if (!shape.success) return unreadable('its stored text has parts that this version cannot show');
  const again = planCanonical(shape.data);
  if (again.canonical !== canonical || again.digest !== digest) {
    return unreadable('its stored text and its digest do not belong together');
  }
  if (shape.data.planId !== planId) return unreadable('its stored text belongs to another plan');
  return { readable: true, body: shape.data };
}

function unreadable(reason: string): ReadPlan {
  return { readable: false, reason };
}
