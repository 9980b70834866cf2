import { describe, expect, it } from 'vitest';
import { decideRootCause, type Hearing } from '../../../src/domain/decide-root-cause.ts';
import type { Evidence, EvidenceKind } from '../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../src/domain/finding.ts';
import type { PeerQuestion } from '../../../src/domain/peer-question.ts';

const at = new Date(0);

function evidence(number: number, service: string, kind: EvidenceKind, empty = false): Evidence {
  return {
    number,
    service,
    kind,
    incidentId: 'i',
    investigationId: null,
    at,
    title: '',
    summary: '',
    query: '',
    data: { judged: 'trouble' },
    empty,
  };
}

function finding(
  service: string,
  kind: Claim['kind'],
  cited: number[],
  blamed?: string,
  confidence = 0.7,
): Finding {
  return {
    service,
    kind,
    evidence: cited,
    confidence,
    text: `${service} ${kind}`,
    ...(blamed === undefined ? {} : { blames: { service: blamed } }),
    id: '',
    incidentId: 'i',
    investigationId: service,
    at,
  };
}

const rows = [
  evidence(1, 'orders', 'trace'),
  evidence(2, 'orders', 'log'),
  evidence(3, 'orders', 'metric'),
  evidence(4, 'users', 'trace'),
  evidence(5, 'users', 'metric'),
  evidence(6, 'users', 'log'),
  evidence(7, 'users', 'trace', true),
];
const question = (change: Partial<PeerQuestion>): PeerQuestion => ({
  id: 'q',
  incidentId: 'i',
  round: 1,
  from: 'orders',
  to: 'users',
  text: '?',
  evidence: [1, 2],
  answer: null,
  at,
  answeredAt: null,
  ...change,
});
const hear = (findings: Finding[], more: Partial<Hearing> = {}) =>
  decideRootCause({ alerted: ['orders'], findings, evidence: rows, ruledOut: [], nextChecks: [], ...more });

describe('agents that contradict each other', () => {
  it('are left open when each points at the other with as many kinds of hard evidence, whoever is surer', () => {
    const decision = hear([
      finding('orders', 'blame', [1, 2], 'users', 0.95),
      finding('users', 'blame', [4], 'orders', 0.3),
    ]);

    expect(decision).toMatchObject({
      outcome: 'inconclusive',
      service: null,
      statement: 'orders and users each point at the other (evidence 1, 2 against 4); not settled.',
    });
    expect(decision.open).toEqual([decision.statement]);
    expect(decision.evidence).toEqual([1, 2, 4]);
  });

  it('are settled by the heavier evidence, as a direction and not as a cause', () => {
    const decision = hear([
      finding('orders', 'blame', [1, 2, 3], 'users', 0.4),
      finding('users', 'blame', [4, 6], 'orders', 0.9),
    ]);

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: 'users', open: [] });
    expect(decision.path).toEqual(['users', 'orders']);
    expect(decision.statement).toContain('what points at users is heavier');
  });

  it('count log text for nothing: it can be forged', () => {
    const decision = hear([
      finding('orders', 'blame', [1], 'users'),
      finding('users', 'blame', [6], 'orders'),
    ]);

    expect(decision.service).toBe('users');
  });

  it('do not convict a service whose own agent denies it on as good evidence', () => {
    const decision = hear([
      finding('orders', 'cause', [1, 2], 'users', 0.9),
      finding('users', 'healthy', [4], undefined, 0.5),
    ]);

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null });
    expect(decision.open?.join()).toContain('whose own agent finds nothing wrong there (evidence 4)');
  });

  it('clear a service that shows more than what is held against it', () => {
    const decision = hear([
      finding('orders', 'cause', [1, 2], 'users', 0.9),
      finding('users', 'healthy', [4, 5]),
    ]);

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null, open: [] });
    expect(decision.ruledOut[0]).toContain('what speaks for users is heavier');
  });

  it('weigh a look that found nothing as nothing', () => {
    const decision = hear([
      finding('orders', 'cause', [1, 2], 'users', 0.9),
      finding('users', 'healthy', [7]),
    ]);

    expect(decision).toMatchObject({ service: 'users' });
  });

  it('count an answer as a denial, too', () => {
    const decision = hear(
      [finding('orders', 'cause', [1, 2], 'users', 0.9), finding('users', 'symptom', [6])],
      {
        questions: [question({ answer: { verdict: 'not-mine', text: 'No.', evidence: [4] } })],
      },
    );

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null });
  });

  it('have no dispute once one of them says that it begins with itself', () => {
    const decision = hear([
      finding('orders', 'blame', [1], 'users'),
      finding('users', 'blame', [4], 'orders'),
      finding('users', 'cause', [4, 5], 'users', 0.8),
    ]);

    expect(decision).toMatchObject({ outcome: 'likely', service: 'users', open: [] });
  });

  it('leave open what one asked and nobody answered', () => {
    const decision = hear([finding('orders', 'blame', [1, 2], 'users')], { questions: [question({})] });

    expect(decision.open).toEqual([
      'orders asked users whether its trouble begins there (evidence 1, 2); users has not answered.',
    ]);
  });
});
