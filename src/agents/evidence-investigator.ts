import type { Claim } from '../domain/finding.ts';
import { checkNeighbour } from './check-neighbour.ts';
import { investigateSuspect } from './investigate-suspect.ts';
import type { Assignment, Investigator, Notebook, Report, Sources } from './investigator.ts';
import { openSandboxDesk, sayLeft } from './sandbox-desk.ts';
import { openTelemetryDesk } from './signals/telemetry-desk.ts';

/** What callers hold against the service speaks for a cause in it, too. */
function withAskers(claims: readonly Claim[], { service, asked = [] }: Assignment): Claim[] {
  const theirs = asked.flatMap((question) => question.evidence);
  return claims.map((claim) =>
    claim.kind === 'cause' && (claim.blames?.service ?? service.name) === service.name
      ? { ...claim, evidence: [...new Set([...claim.evidence, ...theirs])] }
      : claim,
  );
}

/** The deterministic investigator: no model, the same answer for the same telemetry and commits. */
export function createEvidenceInvestigator(sources: Sources): Investigator {
  return {
    name: 'evidence',
    async investigate(assignment: Assignment, notebook: Notebook, signal: AbortSignal): Promise<Report> {
      const desk = openTelemetryDesk(assignment, sources, signal);
      const sandboxes = openSandboxDesk(assignment.incident.id, sources, (lack) => notebook.limit(lack));
      const context = { assignment, desk, sandboxes, kept: notebook };
      try {
        const report =
          assignment.role === 'neighbour'
            ? await checkNeighbour(context, notebook, signal)
            : await investigateSuspect(context, notebook, signal);
        for (const limit of desk.limits()) await notebook.limit(limit);
        return { ...report, claims: withAskers(report.claims, assignment) };
      } finally {
        await sandboxes.close().catch((error: unknown) => notebook.limit(sayLeft(error)));
      }
    },
  };
}
