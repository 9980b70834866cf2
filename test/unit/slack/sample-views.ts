import { type PlanBody, planCanonical, type RemedyPreview } from '../../../src/domain/plan.ts';
import type {
  AgentView,
  FindingView,
  IncidentView,
  OutcomeView,
  PlanView,
  PostmortemView,
  RootCauseView,
} from '../../../src/domain/room.ts';
import type { Links } from '../../../src/platform/signed-links.ts';
import { aPlanBody } from '../../support/builders.ts';

/** An incident as the room shows it, complete; a test changes what it is about. */

export const incidentId = '01hzincident0001';

export const links: Links = {
  evidence: (incident, number) => `https://warroom.test/incidents/${incident}/evidence/${number}?sig=abc`,
  incident: (incident) => `https://warroom.test/incidents/${incident}?sig=abc`,
};

export const context = { incidentId, attached: false };

const evidence = [
  {
    number: 3,
    kind: 'log',
    title: 'new log template in ledger',
    summary: '“token expired for account <*>” appeared at 10:42 and makes up 31 % of error lines since.',
  },
  {
    number: 7,
    kind: 'change',
    title: 'commits to ledger in the last 24 h',
    summary: '4f2a9c1 changed sessionHours from 24 to 1 in config/session.json at 10:41.',
  },
  {
    number: 9,
    kind: 'metric',
    title: 'error ratio of checkout',
    summary: 'Rose from 0.2 % to 14.1 % at 10:42.',
  },
];

export function incidentView(change: Partial<IncidentView> = {}): IncidentView {
  return {
    view: 'incident',
    incidentId,
    title: '14 % of requests to checkout fail',
    severity: 'sev2',
    status: 'identified',
    openedAt: '2026-01-01T10:43:00.000Z',
    resolvedAt: null,
    alerts: [
      {
        name: 'HighErrorRatio',
        service: 'checkout',
        summary: '14.1 % of requests to checkout fail',
        firing: true,
        url: 'http://prometheus.test/graph?g0.expr=a%3E1&g0.tab=1',
      },
      {
        name: 'HighLatency',
        service: 'checkout',
        summary: 'P99 of checkout is 1.9 s',
        firing: false,
        url: null,
      },
    ],
    agents: [
      {
        service: 'ledger',
        role: 'suspect',
        state: 'finished',
        verdict: 'Sessions expire after 1 h since commit 4f2a9c1.',
      },
      { service: 'checkout', role: 'suspect', state: 'running', verdict: null },
      { service: 'stock', role: 'neighbour', state: 'finished', verdict: 'Nothing abnormal in stock.' },
    ],
    rootCause: 'Commit 4f2a9c1 in ledger shortened sessions from 24 h to 1 h; checkout’s calls are rejected.',
    fix: 'Revert 4f2a9c1 in ledger (waiting for approval)',
    investigator: 'evidence',
    ...change,
  };
}

export function agentView(change: Partial<AgentView> = {}): AgentView {
  return {
    view: 'agent',
    service: 'ledger',
    role: 'suspect',
    state: 'running',
    investigator: 'evidence',
    reasons: ['checkout calls it', 'a commit was deployed 2 min before the alert'],
    steps: [
      { key: 'logs', text: 'Read 2,412 log lines of the last 30 min', state: 'done' },
      { key: 'commits', text: 'Compared 6 commits with what the logs name', state: 'done' },
      { key: 'tests', text: 'Running the service’s tests in the sandbox', state: 'running' },
    ],
    limits: ['No traces: no trace source is configured.'],
    verdict: null,
    ...change,
  };
}

export function findingView(change: Partial<FindingView> = {}): FindingView {
  return {
    view: 'finding',
    incidentId,
    service: 'ledger',
    kind: 'cause',
    text: 'Sessions expire after 1 h since commit 4f2a9c1 changed sessionHours from 24 to 1.',
    confidence: 0.86,
    evidence,
    ...change,
  };
}

export function rootCauseView(change: Partial<RootCauseView> = {}): RootCauseView {
  return {
    view: 'root-cause',
    incidentId,
    outcome: 'confirmed',
    service: 'ledger',
    commit: {
      sha: '4f2a9c1d0e5b6a7f8091a2b3c4d5e6f708192a3b',
      subject: 'Shorten sessions for the audit',
      author: 'Dana Reyes',
      url: 'https://git.test/acme/ledger/commit/4f2a9c1',
    },
    statement: 'Commit 4f2a9c1 in ledger shortened sessions from 24 h to 1 h; checkout’s calls are rejected.',
    path: ['ledger', 'checkout'],
    evidence,
    ruledOut: [
      'stock: error ratio and latency as in the last 24 h',
      'a traffic surge: requests per second are flat',
    ],
    nextChecks: [],
    investigator: 'evidence',
    ...change,
  };
}

export const shortDiff = `diff --git a/config/session.json b/config/session.json
--- a/config/session.json
+++ b/config/session.json
@@ -1,5 +1,5 @@
 {
-  "sessionHours": 1,
+  "sessionHours": 24,
   "issuer": "ledger"
 }
`;

export function planViewOf(
  preview: Partial<RemedyPreview> = {},
  change: Partial<PlanView> = {},
  bodyChange: Partial<PlanBody> = {},
): PlanView {
  const body = aPlanBody({
    risk: { class: 'medium', reasons: ['changes code in production', 'one file, two lines'] },
    tainted: false,
    requestedBy: [],
    history: [],
    evidence: [3, 7, 9],
    verification: {
      alert: 'HighErrorRatio',
      expression: 'sum(rate(errors_total[1m])) / sum(rate(requests_total[1m])) > 0.05',
      series: { service: 'ledger' },
    },
    remedies: [
      {
        kind: 'revert-commit',
        service: 'ledger',
        params: { commit: '4f2a9c1d0e5b6a7f8091a2b3c4d5e6f708192a3b' },
        pins: { base: '9e8d7c6b5a49382716059483726150493827160f' },
        preview: {
          summary: 'Revert 4f2a9c1 “Shorten sessions for the audit” in ledger',
          diff: shortDiff,
          measured: null,
          notes: ['The commit touches nothing else.'],
          undo: 'Revert the revert by a second pull request.',
          ...preview,
        },
      },
    ],
    ...bodyChange,
  });
  return {
    view: 'plan',
    planId: body.planId,
    ...planCanonical(body),
    nonce: 'n'.repeat(32),
    state: 'pending',
    expiresAt: '2026-01-01T11:00:00.000Z',
    approvers: ['U0MIRA', '@approvers'],
    needed: 1,
    decisions: [],
    refused: [],
    runsAt: null,
    secondsLeft: null,
    whyAsked: null,
    undoable: false,
    renewable: false,
    halted: null,
    breakGlass: false,
    progress: [],
    evidence,
    ...change,
  };
}

export function outcomeView(change: Partial<OutcomeView> = {}): OutcomeView {
  return {
    view: 'outcome',
    result: 'helped',
    headline: 'The fix helped: HighErrorRatio no longer holds.',
    expression: 'sum(rate(errors_total[1m])) / sum(rate(requests_total[1m])) > 0.05',
    before: { at: '2026-01-01T10:48:10.000Z', value: 0.141372 },
    after: { at: '2026-01-01T10:49:40.000Z', value: null },
    checks: ['The merged commit is the head of main.'],
    links: [{ label: 'Pull request', url: 'https://git.test/acme/ledger/pull/7' }],
    ...change,
  };
}

export function postmortemView(change: Partial<PostmortemView> = {}): PostmortemView {
  return {
    view: 'postmortem',
    title: '14 % of requests to checkout fail',
    markdown: `## Summary

Sessions of **ledger** expired after 1 h. For 6 minutes, 14 % of checkouts failed.

## Timeline

| Time (UTC) | What |
|---|---|
| 10:41 | 4f2a9c1 is deployed |
| 10:43 | HighErrorRatio fires |
| 10:49 | the revert is live, the alert resolves |

## What to do

- [ ] A test that fails when sessions get shorter than a day
`,
    ...change,
  };
}
