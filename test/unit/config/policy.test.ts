import { describe, expect, it } from 'vitest';
import { parseCatalogue } from '../../../src/config/catalogue.ts';
import type { Policy } from '../../../src/config/policy.ts';

/** Six lines; the policy's keys begin on the seventh. */
const head = `services:
  - name: billing
    repository: { url: https://example.com/a/billing.git, slug: a/billing }
    language: node
    testCommand: [npm, test]
policy:
`;

function read(...lines: string[]): Policy {
  return parseCatalogue(`${head}${lines.map((line) => `  ${line}\n`).join('')}`, 'warroom.yaml').policy;
}

describe('the policy', () => {
  it('is careful where nothing is said', () => {
    const { policy } = parseCatalogue(head.replace('policy:\n', ''), 'warroom.yaml');

    expect(policy).toMatchObject({
      planExpiryMinutes: 15,
      executionExpiryMinutes: 5,
      fallbackAfterMinutes: 5,
      risk: { quietHours: null, atLeast: [] },
      haltLifters: [],
      breakGlass: null,
      auditChannel: null,
      agents: {
        perAgent: { turns: 16, tokens: 4_000_000, dollars: 4, minutes: 6 },
        perIncident: { turns: 64, tokens: 16_000_000, dollars: 12, minutes: 24 },
        models: {},
        prices: {},
      },
    });
  });

  it('takes one limit of agents without the others, and a model for a task', () => {
    const { agents } = read(
      'agents:',
      '  perAgent: { dollars: 0.5 }',
      '  models: { answer: claude-haiku-5-5 }',
      '  prices: { claude-next: { input: 3, output: 15 } }',
    );

    expect(agents.perAgent).toEqual({ turns: 16, tokens: 4_000_000, dollars: 0.5, minutes: 6 });
    expect(agents.models).toEqual({ answer: 'claude-haiku-5-5' });
    expect(agents.prices).toEqual({ 'claude-next': { input: 3, output: 15 } });
  });

  it('takes every key', () => {
    const policy = read(
      'fallbackAfterMinutes: 0',
      'haltLifters: ["@sre-leads", U0123ABCD]',
      'breakGlass: { people: [S0123ABCD], announceTo: "#security" }',
      'auditChannel: C0123ABCD',
      'risk:',
      '  quietHours: { from: "22:00", to: "06:30" }',
      '  atLeast:',
      '    - { kind: drop-index, class: high, because: it locks }',
      '    - { service: billing, class: medium, because: money }',
      '    - { class: low, because: everything }',
    );

    expect(policy).toMatchObject({
      fallbackAfterMinutes: 0,
      haltLifters: ['@sre-leads', 'U0123ABCD'],
      breakGlass: { people: ['S0123ABCD'], announceTo: '#security' },
      auditChannel: 'C0123ABCD',
    });
    expect(policy.risk.quietHours).toEqual({ from: '22:00', to: '06:30', timeZone: 'UTC' });
    expect(policy.risk.atLeast).toHaveLength(3);
  });

  it.each([
    ['a key that it does not know', ['planExpiryMinute: 5'], '7: policy'],
    ['a plan that never waits', ['planExpiryMinutes: 0'], '7: policy.planExpiryMinutes'],
    ['time that runs backwards', ['fallbackAfterMinutes: -1'], '7: policy.fallbackAfterMinutes'],
    [
      'a name in place of an id',
      ['haltLifters:', '  - nina'],
      '8: policy.haltLifters.0: must be a Slack user id',
    ],
    [
      'break-glass for nobody',
      ['breakGlass: { people: [], announceTo: "#security" }'],
      '7: policy.breakGlass.people: name somebody',
    ],
    ['break-glass in silence', ['breakGlass:', '  people: ["@sre"]'], '7: policy.breakGlass'],
    [
      'an announcement to a person',
      ['breakGlass:', '  people: ["@sre"]', '  announceTo: "@sre"'],
      '9: policy.breakGlass.announceTo: must be a Slack channel id',
    ],
    ['a channel without #', ['auditChannel: audit'], '7: policy.auditChannel: must be a Slack channel id'],
    [
      'a time that no day has',
      ['risk:', '  quietHours:', '    from: "24:00"', '    to: "06:00"'],
      '9: policy.risk.quietHours.from: must be a time of day',
    ],
    [
      'a zone that no country has',
      ['risk:', '  quietHours: { from: "22:00", to: "06:00", timeZone: Mars/Olympus }'],
      '8: policy.risk.quietHours.timeZone: must be a time zone',
    ],
    ['half of the quiet hours', ['risk:', '  quietHours: { from: "22:00" }'], '8: policy.risk.quietHours'],
    [
      'a rule for a remedy that is none',
      ['risk:', '  atLeast:', '    - { kind: reboot, class: high, because: x }'],
      '9: policy.risk.atLeast.0.kind',
    ],
    [
      'a class that is none',
      ['risk:', '  atLeast:', '    - { class: severe, because: x }'],
      '9: policy.risk.atLeast.0.class',
    ],
    ['an agent without a turn', ['agents: { perAgent: { turns: 0 } }'], '7: policy.agents.perAgent.turns'],
    ['a task that is none', ['agents: { models: { brew: x } }'], '7: policy.agents.models'],
    ['a rule without a reason', ['risk:', '  atLeast:', '    - class: high'], '9: policy.risk.atLeast.0'],
  ])('refuses %s, at its line', (_, lines, problem) => {
    expect(() => read(...lines)).toThrow(`warroom.yaml:${problem}`);
  });
});
