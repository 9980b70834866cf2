import type { Alert, RecordedAlert } from '../../src/domain/alert.ts';
import type { ExecutionStep } from '../../src/domain/execution.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { type Plan, type PlanBody, planCanonical } from '../../src/domain/plan.ts';
import type { Catalogue, Service } from '../../src/domain/service.ts';

/** Values that are valid whole; a test names only what it is about. */

export function aService(change: Partial<Service> & { name: string }): Service {
  return {
    description: '',
    repository: { url: `file:///nowhere/${change.name}.git`, slug: `acme/${change.name}`, branch: 'main' },
    owners: [],
    approvers: ['U-APPROVER'],
    onCall: [],
    fallbackApprovers: [],
    language: 'node',
    testCommand: ['npm', 'test'],
    sandbox: { sideCars: [], database: null, environment: {} },
    metrics: { service: change.name },
    logs: { service: change.name },
    dependsOn: [],
    docs: [],
    dashboards: [],
    mode: 'assist',
    autonomy: { kinds: [], perHour: 2, countdownSeconds: 60 },
    databases: [],
    caches: [],
    configuration: [],
    workloads: [],
    runbooks: [],
    ...change,
  };
}

/** @param calls service → the services it depends on */
export function aCatalogue(calls: Readonly<Record<string, readonly string[]>>): Catalogue {
  return {
    services: Object.entries(calls).map(([name, dependsOn]) => aService({ name, dependsOn })),
    clusters: [],
  };
}

export function anAlert(change: Partial<Alert> & { service?: string }): RecordedAlert {
  const { service, ...rest } = change;
  return {
    id: 'alert-1',
    incidentId: null,
    receivedAt: new Date('2026-01-01T10:00:05Z'),
    fingerprint: 'f1',
    status: 'firing',
    startsAt: new Date('2026-01-01T10:00:00Z'),
    labels: {
      alertname: 'HighErrorRatio',
      severity: 'critical',
      ...(service === undefined ? {} : { service }),
    },
    annotations: {},
    ...rest,
  };
}

export function anIncident(change: Partial<Incident>): Incident {
  return {
    id: '01hzincident0001',
    title: 'Errors on ledger',
    severity: 'sev1',
    status: 'investigating',
    stage: 'triage',
    services: ['ledger'],
    openedAt: new Date('2026-01-01T10:00:00Z'),
    startedAt: new Date('2026-01-01T10:00:00Z'),
    resolvedAt: null,
    channelName: 'inc-20260101-ledger',
    channelId: null,
    declaredBy: null,
    ...change,
  };
}

/** One step that was done and stands. */
export function anAppliedStep(change: Partial<ExecutionStep> = {}): ExecutionStep {
  return {
    state: 'applied',
    inverse: {},
    receipt: { summary: 'Merged.', url: 'https://host.example/pull/7', data: {} },
    undoReceipt: null,
    check: null,
    error: null,
    ...change,
  };
}

export function aPlanBody(change: Partial<PlanBody>): PlanBody {
  return {
    version: 1,
    planId: 'plan-1',
    incidentId: '01hzincident0001',
    service: 'ledger',
    remedies: [
      {
        kind: 'revert-commit',
        service: 'ledger',
        params: { commit: 'a'.repeat(40) },
        pins: { base: 'b'.repeat(40) },
        preview: {
          summary: 'Revert aaaaaaa',
          diff: '-a\n+b\n',
          measured: null,
          notes: [],
          undo: 'Revert the revert.',
        },
      },
    ],
    risk: { class: 'medium', reasons: ['changes code'] },
    tainted: false,
    requestedBy: [],
    evidence: [1, 2],
    history: [],
    verification: { alert: 'HighErrorRatio', expression: 'ratio > 0.1', series: { service: 'ledger' } },
    ...change,
  };
}

export function aPlan(change: Partial<Plan> = {}): Plan {
  const body = change.body ?? aPlanBody({});
  return {
    id: body.planId,
    incidentId: body.incidentId,
    body,
    ...planCanonical(body),
    nonce: 'n'.repeat(32),
    state: 'pending',
    createdBy: 'agent:ledger',
    createdAt: new Date('2026-01-01T10:01:00Z'),
    expiresAt: new Date('2026-01-01T10:16:00Z'),
    runsAt: null,
    ...change,
  };
}
