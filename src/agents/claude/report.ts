import { z } from 'zod';
import type { Evidence } from '../../domain/evidence.ts';
import type { Claim } from '../../domain/finding.ts';
import type { Json } from '../../platform/canonical-json.ts';
import type { Report } from '../investigator.ts';
import { writtenPatchSchema } from '../patch/written-patch.ts';

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

const citations = z.array(z.number().int().positive()).max(20);

const hypothesis = z.object({
  statement: z.string().min(1).max(300).describe('one sentence'),
  test: z.string().max(300).describe('what you did to tell whether it is so'),
  verdict: z.enum(['supported', 'refuted', 'open']),
  evidence: citations.describe('numbers of the evidence that the verdict rests on'),
});

const refutation = z.object({
  tried: z
    .string()
    .min(1)
    .max(400)
    .describe('what would be otherwise were your cause wrong, and where you looked'),
  evidence: citations.describe('what that look showed: at least one number that the cause does not cite'),
  survived: z.boolean().describe('whether the cause still stands after it'),
});

const answer = z.object({
  question: z.string().max(100).describe('its id'),
  verdict: z
    .enum(['mine', 'not-mine', 'passed-on', 'unclear'])
    .describe('passed-on: it comes from further on'),
  text: z.string().min(1).max(500).describe('one or two sentences'),
  evidence: citations,
});

const reportSchema = z.object({
  hypotheses: z.array(hypothesis).max(8),
  claims: z.array(claim).max(8),
  refutation: refutation
    .nullable()
    .describe('your attempt to show that your own cause is wrong; null without a cause'),
  answers: z.array(answer).max(8).describe('to the questions of other services; empty when there are none'),
  ruledOut: z.array(z.string().max(300)).max(10),
  nextChecks: z.array(z.string().max(300)).max(10),
  patch: writtenPatchSchema
    .nullable()
    .default(null)
    .describe('a fix for the cause, when you have tried one; code tries it again before it proposes it'),
});

/** Left out is as good as empty. */
const leftOut = { hypotheses: [], refutation: null, answers: [] };

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
  const parsed = reportSchema.safeParse({ ...leftOut, ...Object(value) });
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const claims = parsed.data.claims.map(({ blamesService, blamesCommit, ...rest }) => ({
    ...rest,
    ...(blamesService === null
      ? {}
      : { blames: { service: blamesService, ...(blamesCommit === null ? {} : { commit: blamesCommit }) } }),
  }));
  const { hypotheses, refutation: tried, answers, ruledOut, nextChecks, patch } = parsed.data;
  return {
    report: {
      claims,
      reasoning: { hypotheses, refutation: tried },
      answers: answers.map(({ question, ...rest }) => ({ questionId: question, ...rest })),
      ruledOut,
      nextChecks,
      ...(patch === null ? {} : { patch }),
    },
  };
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
