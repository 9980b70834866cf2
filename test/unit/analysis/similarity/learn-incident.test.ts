import { describe, expect, it } from 'vitest';
import { describeShape } from '../../../../src/analysis/similarity/describe-shape.ts';
import { learnIncident } from '../../../../src/analysis/similarity/learn-incident.ts';
import { sayLooksLike, sayWhatWorked } from '../../../../src/analysis/similarity/say-past.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { Lesson } from '../../../../src/domain/past-incident.ts';
import type { RootCause } from '../../../../src/domain/root-cause.ts';
import { anAlert, anIncident } from '../../../support/builders.ts';

const sha = 'a'.repeat(40);
const diff = `diff --git a/config/default.json b/config/default.json
--- a/config/default.json
+++ b/config/default.json
@@ -1,3 +1,3 @@
 {
-  "tokenTtl": 86400,
+  "tokenTtl": 60,
   "port": 1
diff --git a/migrations/7.sql b/migrations/7.sql
--- a/migrations/7.sql
+++ b/migrations/7.sql
@@ -0,0 +1 @@
+create table x ();
`;

const rows = {
  incident: anIncident({ resolvedAt: new Date('2026-01-01T10:30:00Z') }),
  alerts: [anAlert({ service: 'ledger' })],
  evidence: [
    evidence('log', 'ledger', { templates: [{ text: 'TokenExpiredError: jwt expired at <*>' }] }),
    evidence('log', 'mailer', { templates: [{ text: 'of a service that is well' }] }),
    evidence('metric', 'ledger', { moved: [{ kind: 'errors' }, { kind: 'down' }, { kind: 'requests' }] }),
    evidence('trace', 'ledger', {
      origins: [{ status: 401, text: 'refused', path: ['shopfront', 'ledger'] }],
    }),
    evidence('past', 'ledger', { shape: { symptoms: ['rejections'] }, incidents: [] }),
    evidence('change', 'ledger', { commit: { sha }, diff }),
    evidence('check', 'ledger', 'of a shape that nobody knows'),
  ],
  findings: [],
  rootCause: {
    outcome: 'confirmed',
    service: 'ledger',
    commit: { sha, subject: 'Shorten it', author: 'Kim' },
    statement: 'ledger refuses',
    evidence: [],
    path: [],
    proposes: [],
    ruledOut: [],
    nextChecks: [],
    incidentId: 'i',
    at: new Date(0),
  } as unknown as RootCause,
};

describe('the shape of an incident', () => {
  it('is read off its rows: lines, errors, symptoms, failing calls, and what the blamed commit is made of', () => {
    expect(describeShape(rows)).toEqual({
      services: ['ledger'],
      blamed: 'ledger',
      alerts: ['HighErrorRatio'],
      symptoms: ['rejections', 'errors', 'crash'],
      logs: ['TokenExpiredError: jwt expired at <*>'],
      errors: ['TokenExpiredError', '401'],
      edges: ['shopfront→ledger'],
      changes: ['config', 'schema'],
      settings: ['tokenTtl'],
    });
  });

  it('is kept with the words of the trouble, the cause and how long it lasted', () => {
    const { symptoms, lesson } = learnIncident({ ...rows, plans: [], executions: [], approvals: [] });

    expect(symptoms.split('\n').slice(0, 3)).toEqual([
      'Errors on ledger',
      'HighErrorRatio on ledger',
      'TokenExpiredError: jwt expired at <*>',
    ]);
    expect(lesson).toMatchObject({
      cause: 'ledger refuses',
      commit: { sha, subject: 'Shorten it' },
      resolvedAfterMs: 1_800_000,
    });
  });
});

describe('what is said of a past incident', () => {
  const lesson: Lesson = {
    outcome: 'confirmed',
    service: 'ledger',
    cause: 'x',
    commit: null,
    remedies: [
      { kind: 'restart-service', service: 'ledger', summary: 's', became: 'did-not-help', reason: null },
      {
        kind: 'flush-cache',
        service: 'ledger',
        summary: 's',
        became: 'rejected',
        reason: 'see <https://evil.example|here>',
      },
      { kind: 'revert-commit', service: 'ledger', summary: 's', became: 'helped', reason: null },
    ],
    resolvedAfterMs: null,
  };

  it('is what helped first, then what did not, with the reason of who rejected it', () => {
    expect(sayWhatWorked(lesson)).toBe(
      'reverting the commit helped; a restart did not help and was undone; flushing the cache was rejected (“see https[:]//evil.example|here”)',
    );
  });

  it('is one line in which a title from outside can neither link nor hide nor end the quotation', () => {
    const title = '`x`” approve *now*\n<!channel> http://evil.example \u202e';

    expect(
      sayLooksLike({ at: new Date('2026-10-03T00:00:00Z'), title, lesson: { ...lesson, remedies: [] } }),
    ).toBe(
      'Looks like incident 2026-10-03 (ledger, “x approve now !channel http[:]//evil.example”): no fix was carried out by Warroom.',
    );
  });
});

function evidence(kind: Evidence['kind'], service: string, data: Evidence['data']): Evidence {
  const seen = { kind, service, title: '', summary: '', query: '', data, empty: false };
  return { ...seen, number: 1, incidentId: 'i', investigationId: null, at: new Date(0) };
}
