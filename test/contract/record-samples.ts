import type { Alert } from '../../src/domain/alert.ts';
import type { Observation } from '../../src/domain/evidence.ts';
import type { Execution } from '../../src/domain/execution.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { Investigation } from '../../src/domain/investigation.ts';
import { type Plan, type PlanBody, planCanonical } from '../../src/domain/plan.ts';
import type { RoomItem } from '../../src/domain/room.ts';
import type { TimelineEvent } from '../../src/domain/timeline.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';

export const noon = new Date('2026-11-22T12:00:00.123Z');

export function sampleAlert(change: Partial<Alert> = {}): Alert {
  return {
    fingerprint: newId(),
    status: 'firing',
    startsAt: noon,
    labels: { alertname: 'HighErrorRatio', service: 'billing' },
    annotations: { summary: 'billing answers 14 % of requests with an error' },
    generatorUrl: 'http://prometheus.example/graph?g0.expr=up',
    ...change,
  };
}

export function sampleIncident(change: Partial<Incident> = {}): Incident {
  const id = newId();
  return {
    id,
    title: 'High error ratio on billing',
    severity: 'sev2',
    status: 'investigating',
    stage: 'triage',
    services: ['billing', 'mail'],
    openedAt: noon,
    startedAt: noon,
    resolvedAt: null,
    channelName: `inc-20261122-${id}`,
    channelId: null,
    declaredBy: null,
    ...change,
  };
}

export function sampleEvent(change: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    kind: 'incident.opened',
    actor: 'warroom',
    text: 'Opened.',
    data: { zeta: 1, alpha: [true, null, 1.5e-7] },
    ...change,
  };
}

export function sampleInvestigation(incidentId: string, change: Partial<Investigation> = {}): Investigation {
  return {
    id: newId(),
    incidentId,
    service: 'billing',
    role: 'suspect',
    reasons: ['named by the alert'],
    score: 0.9,
    state: 'queued',
    investigator: null,
    steps: [],
    limits: [],
    round: 1,
    ruledOut: [],
    nextChecks: [],
    reasoning: null,
    startedAt: null,
    finishedAt: null,
    ...change,
  };
}

export function sampleObservation(change: Partial<Observation> = {}): Observation {
  return {
    kind: 'log',
    service: 'billing',
    title: 'new log template',
    summary: 'A template that was never seen before, 214 times in 3 minutes.',
    query: 'service=billing',
    data: { count: 214, examples: ['token expired'] },
    empty: false,
    ...change,
  };
}

export function samplePlan(incidentId: string, change: Partial<Plan> = {}): Plan {
  const id = newId();
  const body: PlanBody = {
    version: 1,
    planId: id,
    incidentId,
    service: 'billing',
    remedies: [
      {
        kind: 'revert-commit',
        service: 'billing',
        params: { zeta: 'last', alpha: 'first' },
        pins: { base: 'abc' },
        preview: {
          summary: 'Revert',
          diff: '-a\n+b\n',
          measured: null,
          notes: [],
          undo: 'Revert the revert',
        },
      },
    ],
    risk: { class: 'low', reasons: ['one file'] },
    tainted: false,
    requestedBy: [],
    evidence: [1, 2],
    history: [],
    verification: { alert: 'HighErrorRatio', expression: 'up == 0', series: {} },
  };
  return {
    id,
    incidentId,
    body,
    ...planCanonical(body),
    nonce: newId(),
    state: 'pending',
    createdBy: 'agent:billing',
    createdAt: noon,
    expiresAt: new Date(noon.getTime() + 3_600_000),
    runsAt: null,
    ...change,
  };
}

export function sampleExecution(plan: Plan, change: Partial<Execution> = {}): Execution {
  return {
    id: newId(),
    planId: plan.id,
    incidentId: plan.incidentId,
    state: 'intent',
    steps: [
      {
        state: 'intent',
        inverse: { revert: 'def' },
        receipt: null,
        undoReceipt: null,
        check: null,
        error: null,
      },
    ],
    before: { at: noon, value: 0.14 },
    after: null,
    approvedBy: 'U1',
    undoReason: null,
    undoingSince: null,
    error: null,
    startedAt: noon,
    appliedAt: null,
    finishedAt: null,
    ...change,
  };
}

export function sampleNotice(text: string): RoomItem {
  return { type: 'message', view: { view: 'notice', tone: 'info', text } };
}

/** A clock that a test moves by hand. */
export interface HeldClock extends Clock {
  set(at: Date): void;
}
