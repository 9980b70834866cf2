import { describe, expect, it } from 'vitest';
import type { IncidentOnWire } from '../../../demo/bot-process.ts';
import { narrate } from '../../../demo/narrate.ts';
import { phaseOf } from '../../../demo/story-phase.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { anIncident, aPlan } from '../../support/builders.ts';

const around = {
  approver: 'mira',
  nameOf: (id: string) => (id === 'U1' ? 'mira' : id),
  cloneUrl: (service: string) => `http://git.example/${service}.git`,
};
const rootCause = {
  service: 'ledger',
  commit: { sha: 'c'.repeat(40) },
  outcome: 'confirmed',
  statement: 'ledger posts twice',
};

/** As the API sends it: times are text. */
function aFile(change: object): IncidentOnWire {
  const file = {
    incident: anIncident({ stage: 'approval' }),
    alerts: [],
    investigations: [],
    findings: [],
    evidence: [],
    rootCause,
    plans: [],
    approvals: [],
    executions: [],
    timeline: [],
    knowledge: null,
    ...change,
  };
  return JSON.parse(JSON.stringify(file)) as IncidentOnWire;
}
const withPlan = (state: Plan['state'], change: object = {}) =>
  aFile({ plans: [aPlan({ state })], ...change });
const textOf = (file: IncidentOnWire) => narrate(file, around).map((one) => `${one.tone}: ${one.text}`);

describe('what the terminal tells', () => {
  it('says whose turn it is, and for how long', () => {
    expect(textOf(withPlan('pending')).at(-1)).toBe(
      'turn: Your turn: read the plan in #inc-20260101-ledger as mira, then Approve or Reject. It holds for 15 minutes',
    );
  });

  it.each([
    ['an expired plan', withPlan('expired'), /expired after 15 minutes; nothing was changed/],
    ['a rejected plan', withPlan('rejected'), /Nothing was changed/],
    ['a fix that did not help', withPlan('rolled-back'), /taken back/],
    ['a fix that could not be carried out', withPlan('failed'), /could not be carried out/],
    [
      'no plan',
      aFile({ timeline: [{ kind: 'plan.none', text: 'No fix is offered: x' }] }),
      /No fix is offered/,
    ],
  ])('says how to go on after %s', (_case, file, what) => {
    const last = textOf(file).at(-1);

    expect(last).toMatch(what);
    expect(last).toContain('git clone http://git.example/ledger.git; git revert cccccccc; git push');
    expect(last).toContain('/warroom resolve');
    expect(phaseOf(file)).toBe('stuck');
  });

  it('says once what the agents could not do', () => {
    const limitOf = (service: string) => ({
      service,
      limits: [`Tests of ${service} did not run: no Docker.`],
    });
    const file = aFile({ investigations: [limitOf('ledger'), limitOf('mailer')] });
    const keys = narrate(file, around).map((one) => one.key);

    expect(textOf(file)).toContain('plain: ledger: Tests of ledger did not run: no Docker.');
    expect(keys.filter((key) => key.startsWith('limit')).length).toBe(2);
    expect(new Set(keys.filter((key) => key.startsWith('limit'))).size).toBe(1);
  });

  it('offers a repair by hand where no commit is known', () => {
    const file = withPlan('expired', { rootCause: { ...rootCause, service: null, commit: null } });

    expect(textOf(file).at(-1)).toContain('repair the service by hand');
  });

  it('names who approved, what was done and how it ended, each once', () => {
    const file = withPlan('verified', {
      incident: anIncident({ stage: 'done', status: 'resolved' }),
      approvals: [{ planId: 'plan-1', decision: 'approve', userId: 'U1' }],
      executions: [
        {
          planId: 'plan-1',
          steps: [
            {
              receipt: { summary: 'Merged #7', url: 'http://git.example/7' },
              check: { state: 'holds', text: 'main has it' },
            },
          ],
        },
      ],
    });
    const said = narrate(file, around);

    expect(said.map((one) => one.text).slice(2)).toEqual([
      expect.stringContaining('Your turn'),
      'mira approved the plan',
      'Merged #7 http://git.example/7',
      'main has it',
      'The fix is verified by the alert’s own expression',
      'The alert has resolved',
      'The postmortem draft is in #inc-20260101-ledger',
    ]);
    expect(new Set(said.map((one) => one.key)).size).toBe(said.length);
  });
});

describe('where the story stands', () => {
  it.each([
    ['waiting for the alert', null],
    ['finding the root cause', aFile({ rootCause: null })],
    ['making a plan', aFile({})],
    ['waiting for a decision', withPlan('pending')],
    ['carrying out the fix', withPlan('approved')],
    ['carrying out the fix', withPlan('executing')],
    ['carrying out the fix', withPlan('executed')],
    ['resolving and drafting the postmortem', withPlan('verified')],
    ['resolving and drafting the postmortem', withPlan('void')],
    [
      'resolving and drafting the postmortem',
      withPlan('expired', { incident: anIncident({ status: 'resolved' }) }),
    ],
    ['done', withPlan('expired', { incident: anIncident({ status: 'resolved', stage: 'done' }) })],
  ])('is %s', (phase, file) => {
    expect(phaseOf(file)).toBe(phase);
  });
});
