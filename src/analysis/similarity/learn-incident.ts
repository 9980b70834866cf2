import type { Approval } from '../../domain/approval.ts';
import type { Evidence } from '../../domain/evidence.ts';
import type { Execution } from '../../domain/execution.ts';
import type { Became, Learned, Lesson, TriedRemedy } from '../../domain/past-incident.ts';
import type { Plan, PlanState } from '../../domain/plan.ts';
import { describeShape, describeTrouble, type KnownRows } from './describe-shape.ts';

export interface EndedRows extends KnownRows {
  readonly evidence: readonly Evidence[];
  readonly plans: readonly Plan[];
  readonly executions: readonly Execution[];
  /** Of all its plans. */
  readonly approvals: readonly Approval[];
}

/** What the next incident like this one should find. */
export function learnIncident(rows: EndedRows): Learned {
  const shape = describeShape(rows);
  return { symptoms: describeTrouble(rows, shape), shape, lesson: lessonOf(rows) };
}

function lessonOf(rows: EndedRows): Lesson {
  const { incident, rootCause } = rows;
  return {
    outcome: rootCause?.outcome ?? null,
    service: rootCause?.service ?? null,
    cause: rootCause?.statement ?? '',
    commit:
      rootCause?.commit == null ? null : { sha: rootCause.commit.sha, subject: rootCause.commit.subject },
    remedies: rows.plans
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1))
      .flatMap((plan) => triedOf(plan, rows)),
    resolvedAfterMs:
      incident.resolvedAt === null
        ? null
        : Math.max(0, incident.resolvedAt.getTime() - incident.startedAt.getTime()),
  };
}

const becameOf: Readonly<Record<PlanState, Became>> = {
  verified: 'helped',
  'rolled-back': 'did-not-help',
  undoing: 'did-not-help',
  unverified: 'unmeasured',
  executed: 'unmeasured',
  executing: 'unmeasured',
  failed: 'failed',
  rejected: 'rejected',
  announced: 'not-run',
  pending: 'not-run',
  approved: 'not-run',
  expired: 'not-run',
  void: 'not-run',
};

function triedOf(plan: Plan, { executions, approvals }: EndedRows): TriedRemedy[] {
  const became = becameOf[plan.state];
  const execution = executions.find((one) => one.planId === plan.id);
  const rejection = approvals.find((one) => one.planId === plan.id && one.decision === 'reject');
  const reason =
    became === 'rejected'
      ? rejection?.reason
      : became === 'failed'
        ? execution?.error
        : execution?.undoReason;
  return plan.body.remedies.map((remedy) => ({
    kind: remedy.kind,
    service: remedy.service,
    summary: remedy.preview.summary,
    became,
    reason: reason ?? null,
  }));
}
