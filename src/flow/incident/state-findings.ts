import type { Claim, Finding } from '../../domain/finding.ts';
import { findingView } from '../../domain/room-views.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { agentKey, showAgent, showIncident } from './show.ts';

/**
 * What an agent says now, in place of what it said before. No uncited claims: a citation without a row is dropped, and a
 * claim that has none left goes with it. A finding that is taken back stays visible as taken back.
 */
export async function stateFindings(
  flow: FlowContext,
  rows: Rows,
  investigation: { readonly id: string; readonly incidentId: string; readonly service: string },
  claims: readonly Claim[],
): Promise<Finding[]> {
  const { id, incidentId, service } = investigation;
  const known = await rows.evidence.ofIncident(incidentId);
  const numbers = new Set(known.map((evidence) => evidence.number));
  const cited = claims
    .map((claim) => ({ ...claim, evidence: claim.evidence.filter((number) => numbers.has(number)) }))
    .filter((claim) => claim.evidence.length > 0);

  const before = (await rows.findings.ofIncident(incidentId)).filter(
    (finding) => finding.investigationId === id,
  );
  const findings = await rows.findings.state(incidentId, id, service, cited);
  for (const [index, finding] of findings.entries()) {
    await rows.outbox.put(incidentId, findingKey(service, index), {
      type: 'message',
      thread: agentKey(service),
      view: findingView(finding, known),
    });
  }
  for (const [index, finding] of before.entries()) {
    if (index < findings.length) continue;
    await rows.outbox.put(incidentId, findingKey(service, index), {
      type: 'message',
      thread: agentKey(service),
      view: { view: 'notice', tone: 'info', text: `Taken back after a closer look: ${finding.text}` },
    });
  }
  await showAgent(flow, rows, id);
  await showIncident(flow, rows, incidentId);
  return findings;
}

function findingKey(service: string, index: number): string {
  return `finding:${service}:${index + 1}`;
}
