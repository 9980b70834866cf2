import type { Assignment, Notebook, Report } from '../investigator.ts';
import { backClaims } from './back-claims.ts';
import { takeOverProposals } from './report.ts';

/** What stands of a model's report: its claims against what code saw, with the fixes that code knows of. */
export async function concludeReport(
  report: Report,
  { assignment, briefing, notebook }: { assignment: Assignment; briefing: Report; notebook: Notebook },
): Promise<Report> {
  const evidence = await notebook.evidence();
  const own = assignment.service.name;
  const backed = backClaims(own, report.claims, briefing.claims, evidence);
  for (const limit of backed.limits) await notebook.limit(limit);
  return {
    ...report,
    claims: takeOverProposals(backed.claims, briefing.claims, evidence),
    nextChecks: [...new Set([...backed.nextChecks, ...report.nextChecks])],
  };
}
