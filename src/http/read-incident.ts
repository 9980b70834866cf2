import type { Approval } from '../domain/approval.ts';
import type { Plan } from '../domain/plan.ts';
import type { Rows } from '../ports/record.ts';

/** Who reads a plan must not learn the secret that stands for the click. */
export type ReadablePlan = Omit<Plan, 'nonce'>;

/** Everything the record holds of one incident, for people and scripts that read. */
export type IncidentFile = NonNullable<Awaited<ReturnType<typeof readIncident>>>;

export async function readIncident(rows: Rows, id: string) {
  // Only what `newId` makes: anything else need not reach the database, which refuses some text outright.
  if (!/^[0-9a-z]{1,40}$/.test(id)) return undefined;
  const incident = await rows.incidents.get(id);
  if (incident === undefined) return undefined;
  const [
    alerts,
    investigations,
    questions,
    findings,
    evidence,
    rootCause,
    plans,
    executions,
    timeline,
    knowledge,
  ] = await Promise.all([
    rows.alerts.ofIncident(id),
    rows.investigations.ofIncident(id),
    rows.peerQuestions.ofIncident(id),
    rows.findings.ofIncident(id),
    rows.evidence.ofIncident(id),
    rows.rootCauses.get(id),
    rows.plans.ofIncident(id),
    rows.executions.ofIncident(id),
    rows.timeline.ofIncident(id),
    rows.knowledge.get(id),
  ]);
  const approvals: Approval[] = [];
  for (const plan of plans) approvals.push(...(await rows.plans.approvals(plan.id)));
  return {
    incident,
    alerts,
    investigations,
    /** What agents asked each other. */
    questions,
    findings,
    evidence,
    rootCause: rootCause ?? null,
    plans: plans.map(({ nonce: _secret, ...plan }): ReadablePlan => plan),
    approvals,
    executions,
    timeline,
    knowledge: knowledge ?? null,
  };
}
