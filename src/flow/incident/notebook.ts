import type { Notebook } from '../../agents/investigator.ts';
import type { InvestigationStep } from '../../domain/investigation.ts';
import type { FlowContext } from '../context.ts';
import { showAgent } from './show.ts';
import { stateFindings } from './state-findings.ts';

/**
 * Durable notes of one agent: what it keeps is a row before the call returns, and its thread shows it. Keys are scoped to
 * the investigation, so two agents never overwrite each other and a resumed one finds its own rows again.
 */
export function createNotebook(
  flow: FlowContext,
  incidentId: string,
  investigation: { readonly id: string; readonly service: string } | null,
): Notebook {
  const investigationId = investigation?.id ?? null;
  const change = async (
    edit: (now: { steps: readonly InvestigationStep[]; limits: readonly string[] }) => {
      steps?: readonly InvestigationStep[];
      limits?: readonly string[];
    },
  ): Promise<void> => {
    if (investigationId === null) return;
    await flow.record.transaction(async (rows) => {
      const investigation = await rows.investigations.get(investigationId);
      if (investigation === undefined) return;
      await rows.investigations.update(investigationId, edit(investigation));
      await showAgent(flow, rows, investigationId);
    });
  };
  return {
    keep: (key, seen) =>
      flow.record.evidence.keep(incidentId, investigationId, `${investigationId ?? 'triage'}/${key}`, seen),
    step: (key, text, state) =>
      change(({ steps }) => {
        const step = { key, text, state };
        const known = steps.some((one) => one.key === key);
        return { steps: known ? steps.map((one) => (one.key === key ? step : one)) : [...steps, step] };
      }),
    limit: (text) => change(({ limits }) => ({ limits: limits.includes(text) ? limits : [...limits, text] })),
    report: async (claims) => {
      if (investigation === null) return;
      await flow.record.transaction(async (rows) => {
        await stateFindings(flow, rows, { ...investigation, incidentId }, claims);
      });
    },
    evidence: () => flow.record.evidence.ofIncident(incidentId),
  };
}
