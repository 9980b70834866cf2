import type { Assignment, Notebook, Report, Sources } from '../investigator.ts';
import { proposePatch } from '../patch/propose-patch.ts';
import { backClaims } from './back-claims.ts';
import { takeOverProposals } from './report.ts';

export interface Conclusion {
  readonly assignment: Assignment;
  readonly sources: Sources;
  /** What the evidence engine reported before the model began. */
  readonly briefing: Report;
  readonly notebook: Notebook;
}

/** What stands of a model's report: its claims against what code saw, with fixes that code knows of or has tried. */
export async function concludeReport(
  { patch, ...report }: Report,
  parts: Conclusion,
  signal: AbortSignal,
): Promise<Report> {
  const { assignment, briefing, notebook } = parts;
  const evidence = await notebook.evidence();
  const proposed = takeOverProposals(report.claims, briefing.claims, evidence);
  const backed = backClaims(assignment.service.name, proposed, briefing.claims, evidence);
  for (const limit of backed.limits) await notebook.limit(limit);
  const { claims } = backed;
  return {
    ...report,
    claims: patch === undefined ? claims : await proposePatch(claims, patch, parts, signal),
    nextChecks: [...new Set([...backed.nextChecks, ...report.nextChecks])],
  };
}
