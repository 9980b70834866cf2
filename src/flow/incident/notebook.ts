import type { Notebook } from '../../agents/investigator.ts';
import type { InvestigationStep } from '../../domain/investigation.ts';
import type { FlowContext } from '../context.ts';
import { createPeers } from './peers.ts';
import { showAgent } from './show.ts';
import { stateFindings } from './state-findings.ts';

/**
 * Durable notes of one agent: what it keeps is a row before the call returns, and its thread shows it. Keys are scoped to
 * the investigation, so two agents never overwrite each other and a resumed one finds its own rows again.
 */
export function createNotebook(
  flow: FlowContext,
  incidentId: string,
  writer:
    | { readonly id: string; readonly service: string; readonly round: number }
    | { readonly scope: string },
): Notebook {
  const investigation = 'id' in writer ? writer : null;
  const investigationId = investigation?.id ?? null;
  // A later round looks at another moment: it must not be handed the rows of the one before.
  const scope = 'id' in writer ? `${writer.id}@${writer.round}` : writer.scope;
  const change = async (
    edit: (now: { steps: readonly InvestigationStep[]; limits: readonly string[] }) => {
      steps?: readonly InvestigationStep[];
      limits?: readonly string[];
    },
  ): Promise<void> => {
    if (investigationId === null) return;
    await flow.record.transaction(async (rows) => {
      // Two steps told at the same moment must both stay.
      await rows.incidents.lock(incidentId);
      const current = await rows.investigations.get(investigationId);
      if (current === undefined) return;
      await rows.investigations.update(investigationId, edit(current));
      await showAgent(flow, rows, investigationId);
    });
  };
  return {
    keep: (key, seen) => flow.record.evidence.keep(incidentId, investigationId, `${scope}/${key}`, seen),
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
        await rows.incidents.lock(incidentId);
        await stateFindings(flow, rows, { ...investigation, incidentId }, claims);
      });
    },
    evidence: () => flow.record.evidence.ofIncident(incidentId),
    ...(investigation === null ? {} : { peers: createPeers(flow, { ...investigation, incidentId }) }),
    output: (number) => flow.record.evidence.output(incidentId, number),
    steers: async () =>
      investigationId === null ? [] : await flow.record.steers.ofInvestigation(investigationId),
  };
}
