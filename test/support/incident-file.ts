import type { Evidence } from '../../src/domain/evidence.ts';
import { chainStart, hashEntry, type TimelineEntry, type TimelineEvent } from '../../src/domain/timeline.ts';
import type { IncidentFile } from '../../src/http/read-incident.ts';
import type { Json } from '../../src/platform/canonical-json.ts';
import { anAlert, anAppliedStep, anIncident, aPlanBody } from './builders.ts';

const startMs = Date.parse('2026-11-22T08:15:40Z');
const incidentId = '01hzincident0001';

function at(seconds: number): Date {
  return new Date(startMs + seconds * 1000);
}

const startS = startMs / 1000 - 600;
const times = Array.from({ length: 121 }, (_, i) => startS + i * 10);

export const evidenceSamples: Readonly<Record<string, Json>> = {
  metric: {
    onset: startS + 612,
    series: [
      {
        name: 'error ratio of ledger',
        times,
        values: times.map((_, i) =>
          i < 61 ? 0.004 + 0.003 * Math.sin(i) : 0.135 + 0.012 * Math.sin(i * 1.7),
        ),
      },
      {
        name: 'error ratio of mailer',
        times,
        values: times.map((_, i) => (i % 17 === 3 ? null : 0.01 + 0.004 * Math.cos(i))),
      },
    ],
  },
  log: {
    templates: [
      { text: 'lease <*> expired <*> s ago', count: 214, baseline: 0 },
      { text: 'posted entry <*>', count: 1290, baseline: 1402 },
    ],
    lines: [
      { at: at(2.104).toISOString(), level: 'error', text: 'lease 8f21 expired 3 s ago' },
      { at: at(2.3).toISOString(), level: 'warn', text: 'retrying entry 7781 (attempt 2 of 3)' },
      {
        at: at(2.9).toISOString(),
        level: 'info',
        text: `posted entry 7782 ${'with many words '.repeat(14)}`,
      },
    ],
  },
  trace: {
    spans: [
      span('a1', null, 'gateway', 'POST /entries', 0, 31_400, true, 'downstream 502'),
      span('b1', 'a1', 'ledger', 'POST /post', 1_900, 27_300, true, null),
      span('c1', 'b1', 'leases', 'GET /lease', 4_000, 9_800, false, null),
      span(
        'd1',
        'b1',
        'ledger',
        'insert entry',
        15_000,
        12_100,
        true,
        'LeaseExpired: lease 8f21 expired\n    at check (/app/src/lease.js:42:11)',
      ),
    ],
  },
  change: {
    commit: {
      sha: '9f2c1d7e5b3a4f60817263544536271809fedcba',
      subject: 'Shorten leases so that a dead worker frees its entry sooner',
      author: 'Mira Okafor',
      at: at(-240).toISOString(),
    },
    diff: 'diff --git a/config/lease.json b/config/lease.json\nindex 1111111..2222222 100644\n--- a/config/lease.json\n+++ b/config/lease.json\n@@ -1,5 +1,5 @@\n {\n-  "seconds": 3600,\n+  "seconds": 30,\n   "renew": true\n }\n',
  },
  check: {
    command: ['npm', 'test'],
    exitCode: 1,
    output:
      '✖ a lease outlives one posting (12 ms)\n  AssertionError: 30 >= 120\n\nℹ tests 14\nℹ pass 13\nℹ fail 1\n',
  },
  other: {
    dependsOn: ['leases', 'mailer'],
    callers: ['gateway'],
    edges: [
      {
        caller: 'gateway',
        callee: 'ledger',
        calls: 1204,
        callsBefore: 1190,
        errors: 0.1354,
        errorsBefore: 0.004,
        meanMs: 31.2,
      },
      {
        caller: 'ledger',
        callee: 'leases',
        calls: 2410,
        callsBefore: 2377,
        errors: 0,
        errorsBefore: 0,
        meanMs: 9.8,
      },
    ],
  },
};

function span(
  spanId: string,
  parentId: string | null,
  service: string,
  operation: string,
  fromUs: number,
  durationUs: number,
  error: boolean,
  errorText: string | null,
): Json {
  const startUs = startMs * 1000 + fromUs;
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId,
    parentId,
    service,
    operation,
    startUs,
    durationUs,
    error,
    errorText,
  };
}

const titles: Readonly<Record<string, readonly [title: string, summary: string, query: string]>> = {
  metric: [
    'Error ratio of ledger',
    'The error ratio rose from 0.4 % to 13.5 % at 08:15:52 and has stayed there.',
    'sum by(service)(rate(http_requests_total{service="ledger",status=~"5.."}[1m]))\n  / sum by(service)(rate(http_requests_total{service="ledger"}[1m]))',
  ],
  log: [
    'New log pattern on ledger',
    '“lease … expired … s ago” was never seen before; 214 times in 3 minutes.',
    'service=ledger 08:12..08:18',
  ],
  trace: [
    'Failing traces through ledger',
    '38 of 40 failing traces end in ledger, in “insert entry”.',
    'traces with errors 08:12..08:18',
  ],
  change: [
    'Commit 9f2c1d7e in ledger',
    'Touches the lease length that the new log pattern names, 4 minutes before the onset.',
    'git log --since=08:00 main',
  ],
  check: ['Tests of ledger at 9f2c1d7e', '1 of 14 tests fails; it passes on the commit before.', 'npm test'],
  other: ['Neighbours of ledger', 'ledger calls leases and mailer; gateway calls ledger.', ''],
};

export function sampleEvidence(): Evidence[] {
  return Object.entries(evidenceSamples).map(([kind, data], index) => {
    const [title = '', summary = '', query = ''] = titles[kind] ?? [];
    return {
      number: index + 1,
      incidentId,
      investigationId: 'inv1',
      at: at(14 + index),
      kind: kind === 'other' ? 'topology' : (kind as Evidence['kind']),
      service: 'ledger',
      title,
      summary,
      query,
      data,
      empty: false,
    };
  });
}

/** One incident from alert to fix, as the record would give it. */
export function sampleIncidentFile(): IncidentFile {
  const body = aPlanBody({});
  const [remedy] = body.remedies;
  const change = evidenceSamples['change'] as { diff: string };
  return {
    incident: anIncident({
      title: 'Error ratio of ledger is above 10 %',
      status: 'resolved',
      stage: 'done',
      services: ['ledger', 'gateway'],
      startedAt: at(0),
      openedAt: at(4),
      resolvedAt: at(305),
    }),
    alerts: [
      anAlert({
        service: 'ledger',
        startsAt: at(0),
        annotations: { summary: 'ledger answers 13.5 % of requests with an error' },
      }),
      anAlert({ service: 'ledger', startsAt: at(0), status: 'resolved', endsAt: at(300) }),
    ],
    questions: [],
    investigations: [
      {
        id: 'inv1',
        incidentId,
        service: 'ledger',
        role: 'suspect',
        reasons: ['named by the alert', 'failing traces end here'],
        score: 0.92,
        state: 'finished',
        investigator: 'evidence',
        steps: [],
        round: 1,
        limits: [],
        ruledOut: ['the configuration of gateway did not change'],
        nextChecks: [],
        startedAt: at(6),
        finishedAt: at(25),
      },
      {
        id: 'inv2',
        incidentId,
        service: 'leases',
        role: 'neighbour',
        reasons: ['called by ledger'],
        score: 0.2,
        state: 'finished',
        investigator: 'evidence',
        steps: [],
        round: 1,
        limits: ['no traces were pushed for leases'],
        ruledOut: [],
        nextChecks: [],
        startedAt: at(6),
        finishedAt: at(9),
      },
    ],
    findings: [
      finding(
        'f1',
        'cause',
        'ledger',
        'Commit 9f2c1d7e shortened leases from 3600 s to 30 s; entries that take longer now fail.',
        [1, 2, 4],
        0.9,
      ),
      finding('f2', 'healthy', 'leases', 'Nothing abnormal here.', [6], 0.8),
    ],
    evidence: sampleEvidence(),
    rootCause: {
      incidentId,
      outcome: 'confirmed',
      service: 'ledger',
      commit: {
        sha: '9f2c1d7e5b3a4f60817263544536271809fedcba',
        subject: 'Shorten leases so that a dead worker frees its entry sooner',
        author: 'Mira Okafor',
      },
      proposes: [],
      statement: 'ledger fails because commit 9f2c1d7e shortened its leases from 3600 s to 30 s.',
      path: ['ledger', 'gateway'],
      evidence: [1, 2, 3, 4, 5],
      ruledOut: ['leases: error ratio and latency unchanged', 'mailer: no change in the last 24 h'],
      nextChecks: [],
      at: at(27),
    },
    plans: [
      {
        id: 'plan-1',
        incidentId,
        body: {
          ...body,
          remedies:
            remedy === undefined
              ? []
              : [
                  {
                    ...remedy,
                    preview: {
                      ...remedy.preview,
                      summary: 'Revert 9f2c1d7e on main of ledger through a pull request.',
                      diff: change.diff,
                      notes: ['The commit touches no other file.'],
                    },
                  },
                ],
        },
        canonical: '{}',
        digest: 'c0ffee'.repeat(10).slice(0, 64),
        state: 'verified',
        createdBy: 'agent:ledger',
        createdAt: at(28),
        expiresAt: at(928),
        runsAt: null,
      },
    ],
    approvals: [
      {
        id: 'a1',
        planId: 'plan-1',
        digest: 'd',
        userId: 'U024BE7LH',
        decision: 'approve',
        inNameOf: null,
        reason: null,
        at: at(61),
      },
    ],
    executions: [
      {
        id: 'e1',
        planId: 'plan-1',
        incidentId,
        state: 'verified',
        steps: [
          anAppliedStep({
            receipt: {
              summary: 'Merged pull request #12.',
              url: 'https://github.example/acme/ledger/pull/12',
              data: {},
            },
          }),
        ],
        before: { at: at(60), value: 0.1354 },
        after: { at: at(120), value: 0.0041 },
        approvedBy: 'U024BE7LH',
        undoReason: null,
        undoingSince: null,
        error: null,
        startedAt: at(62),
        appliedAt: at(66),
        finishedAt: at(300),
      },
    ],
    timeline: chain([
      [4, 'incident.opened', 'alertmanager', 'Opened by HighErrorRatio on ledger.'],
      [27, 'root-cause.stated', 'warroom', 'Root cause confirmed: commit 9f2c1d7e in ledger.'],
      [61, 'plan.approved', 'user:U024BE7LH', 'Plan to revert 9f2c1d7e approved.'],
      [66, 'execution.applied', 'warroom', 'Merged pull request #12.'],
      [305, 'incident.resolved', 'alertmanager', 'All alerts resolved.'],
    ]),
    knowledge: null,
  };
}

function finding(
  id: string,
  kind: 'cause' | 'healthy',
  service: string,
  text: string,
  evidence: readonly number[],
  confidence: number,
) {
  return { id, incidentId, investigationId: 'inv1', service, kind, text, evidence, confidence, at: at(25) };
}

function chain(events: readonly (readonly [number, string, string, string])[]): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const [seconds, kind, actor, text] of events) {
    const event: TimelineEvent = { kind, actor, text, data: {} };
    const previousHash = entries.at(-1)?.hash ?? chainStart;
    const unhashed = { ...event, incidentId, seq: entries.length + 1, at: at(seconds), previousHash };
    entries.push({ ...unhashed, hash: hashEntry(unhashed) });
  }
  return entries;
}
