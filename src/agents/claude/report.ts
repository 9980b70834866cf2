import { z } from 'zod';
import type { Evidence } from '../../domain/evidence.ts';
import type { Claim } from '../../domain/finding.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { Report } from '../investigator.ts';

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

/** The report in a model's last text, or why it is none. Text around the JSON object is forgiven; more fields are not read. */
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

/**
 * A model names no fix with parameters: those are read by code, from the world. Where its claim is the one that the
 * engine made before it, resting on the same look into the database, the engine's proposal goes with it.
 */
export function takeOverProposals(
  claims: readonly Claim[],
  briefing: readonly Claim[],
  evidence: readonly Evidence[],
): Claim[] {
  const looks = new Set(evidence.filter((row) => row.kind === 'database').map((row) => row.number));
  return claims.map((claim) => {
    const made = briefing.find(
      (one) =>
        one.proposes !== undefined &&
        one.kind === claim.kind &&
        one.blames?.service === claim.blames?.service &&
        one.evidence.some((number) => looks.has(number) && claim.evidence.includes(number)),
    );
    return made?.proposes === undefined ? claim : { ...claim, proposes: made.proposes };
  });
}

export interface Weighed {
  /** Claims that rest on something and name what exists. */
  readonly claims: readonly Claim[];
  /** Why others were dropped, one sentence each. */
  readonly dropped: readonly string[];
}

/** What a model invented is told apart here so that the thread can say it; the flow drops uncited claims in any case. */
export function weighClaims(
  claims: readonly Claim[],
  evidence: ReadonlySet<number>,
  services: ReadonlySet<string>,
): Weighed {
  const stands: Claim[] = [];
  const dropped: string[] = [];
  for (const claim of claims) {
    const cited = claim.evidence.filter((number) => evidence.has(number));
    if (claim.blames !== undefined && !services.has(claim.blames.service))
      dropped.push(`A claim of Claude was dropped: it names a service that the catalogue does not know.`);
    else if (cited.length === 0)
      dropped.push(`A claim of Claude was dropped: it cites no evidence that exists.`);
    else stands.push({ ...claim, evidence: cited });
  }
  return { claims: stands, dropped: [...new Set(dropped)] };
}
