import { describe, expect, it } from 'vitest';
import { writePostmortem } from '../../../src/domain/postmortem.ts';
import { chainStart, type TimelineEntry } from '../../../src/domain/timeline.ts';
import { anAlert, anAppliedStep, anIncident, aPlan } from '../../support/builders.ts';

const at = new Date('2026-01-01T10:05:00Z');

function entry(seq: number, kind: string, text: string, data: TimelineEntry['data'] = {}): TimelineEntry {
  return {
    incidentId: 'i',
    seq,
    at,
    kind,
    actor: 'warroom',
    text,
    data,
    previousHash: chainStart,
    hash: 'h',
  };
}

describe('the postmortem draft', () => {
  const rows = {
    incident: anIncident({ status: 'resolved', resolvedAt: at }),
    alerts: [anAlert({ service: 'ledger', annotations: { summary: 'ledger fails 12 %' } })],
    evidence: [],
    rootCause: undefined,
    plans: [],
    executions: [],
    timeline: [
      entry(1, 'incident.opened', 'opened'),
      entry(2, 'finding.stated', 'mailer is healthy', { claim: 'healthy' }),
      entry(3, 'finding.stated', 'ledger broke', { claim: 'cause' }),
    ],
    evidenceUrl: (number: number) => `http://warroom.example/evidence/${number}`,
  };

  it('says what is not known instead of inventing it', () => {
    const text = writePostmortem(rows);

    expect(text).toContain('The cause was not established.');
    expect(text).toContain('No plan was carried out by Warroom.');
    expect(text).toContain('Lasted** 5 min 0 s');
  });

  it('tells the turning points and leaves healthy services to the record', () => {
    const text = writePostmortem(rows);

    expect(text).toContain('ledger broke');
    expect(text).not.toContain('mailer is healthy');
  });

  it('quotes what comes from outside without a live link; its own links stay', () => {
    const hostile =
      '[click](https://evil.example/1) ![](https://evil.example/2.png) <https://evil.example|x> <!here> [a]: https://evil.example `c` **b**\n# h';
    const plan = aPlan({});
    const [remedy] = plan.body.remedies;
    if (remedy === undefined) throw new Error('the sample has no remedy');
    const remedies = [{ ...remedy, preview: { ...remedy.preview, summary: hostile } }];

    const text = writePostmortem({
      ...rows,
      incident: anIncident({ title: hostile }),
      alerts: [anAlert({ service: 'ledger', annotations: { summary: hostile } })],
      evidence: [
        {
          incidentId: 'i',
          number: 12,
          investigationId: null,
          kind: 'log',
          service: 'ledger',
          title: hostile,
          summary: hostile,
          query: '',
          data: {},
          empty: false,
          at,
        },
      ],
      rootCause: {
        incidentId: 'i',
        outcome: 'confirmed',
        service: 'ledger',
        commit: { sha: 'a'.repeat(40), subject: hostile, author: hostile },
        proposes: [],
        statement: hostile,
        path: [],
        evidence: [12],
        ruledOut: [hostile],
        nextChecks: [],
        at,
      },
      plans: [{ ...plan, body: { ...plan.body, remedies } }],
      timeline: [entry(1, 'incident.opened', hostile)],
    });

    const ours = '[Evidence 12](http://warroom.example/evidence/12)';
    expect(text).toContain(`- ${ours}: [click] (https[:]//evil.example/1)`);
    const rest = text.replaceAll(ours, '');
    expect(rest).not.toMatch(/:\/\/|\]\(|\]:|</);
    expect(rest).not.toMatch(/^# h/m);
    expect(rest.match(/https\[:\]\/\/evil/g)).toHaveLength(4 * 10);
  });

  it('gives the readings before and after the fix', () => {
    const plan = aPlan({ state: 'verified' });
    const execution = {
      id: 'x',
      planId: plan.id,
      incidentId: plan.incidentId,
      state: 'verified' as const,
      steps: [anAppliedStep()],
      undoReason: null,
      undoingSince: null,
      before: { at, value: 0.137 },
      after: { at, value: null },
      approvedBy: 'U1',
      error: null,
      startedAt: at,
      appliedAt: at,
      finishedAt: at,
    };

    const text = writePostmortem({ ...rows, plans: [plan], executions: [execution] });

    expect(text).toContain('0.137 before, no data after');
    expect(text).toContain('https://host.example/pull/7');
  });
});
