import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../src/domain/finding.ts';
import type { Investigation } from '../../../src/domain/investigation.ts';
import type { PeerQuestion } from '../../../src/domain/peer-question.ts';
import {
  answerFromFindings,
  type Blackboard,
  mostMeetings,
  mostQuestions,
  planMeeting,
} from '../../../src/domain/plan-meeting.ts';

const at = new Date(0);
const trace = (number: number, origins: object[] = [], empty = false): Evidence => ({
  number,
  kind: 'trace',
  service: 'orders',
  incidentId: 'i',
  investigationId: null,
  at,
  title: '',
  summary: '',
  query: '',
  data: { origins } as Evidence['data'],
  empty,
});
const origin = (change: object) => ({
  service: 'users',
  kind: 'rejected',
  status: 401,
  path: ['web', 'orders', 'users'],
  ...change,
});
const finding = (service: string, kind: Claim['kind'], blamed?: string, confidence = 0.7): Finding => ({
  id: '',
  incidentId: 'i',
  investigationId: service,
  service,
  kind,
  text: `${service} ${kind}`,
  evidence: [3],
  confidence,
  at,
  ...(blamed === undefined ? {} : { blames: { service: blamed } }),
});
const investigation = (service: string, change: Partial<Investigation> = {}): Investigation => ({
  id: service,
  incidentId: 'i',
  service,
  role: 'suspect',
  round: 1,
  reasons: [],
  score: 0.5,
  state: 'finished',
  investigator: 'evidence',
  steps: [],
  limits: [],
  ruledOut: [],
  nextChecks: [],
  startedAt: at,
  finishedAt: at,
  ...change,
});
const asked = (change: Partial<PeerQuestion> = {}): PeerQuestion => ({
  id: 'q',
  incidentId: 'i',
  round: 1,
  from: 'orders',
  to: 'users',
  text: 'orders says its trouble comes from you (evidence 3). Does it begin with you?',
  evidence: [3],
  answer: null,
  at,
  answeredAt: null,
  ...change,
});
const board = (change: Partial<Blackboard> = {}): Blackboard => ({
  investigations: ['orders', 'users', 'stock'].map((name) => investigation(name)),
  findings: [finding('orders', 'blame', 'users')],
  evidence: [trace(3)],
  questions: [],
  services: new Set(['web', 'orders', 'users', 'stock']),
  ...change,
});

describe('a meeting of the claims', () => {
  it.each([
    ['its failures are 401s from you', {}],
    ['its failures begin in you', { kind: 'failed', status: null }],
    ['it waits too long for you', { kind: 'slow', status: null }],
    ['you do not answer it', { kind: 'unanswered', status: null }],
    ['you give up on what it asks', { kind: 'gave-up' }],
    ['its failures come from behind you', { service: 'vault', path: ['orders', 'users', 'vault'] }],
    ['its trouble comes from you', { path: ['web', 'users'] }],
  ])('asks in words made from the traces that the claim cites: %s', (words, change) => {
    const [question] = planMeeting(board({ evidence: [trace(3, [origin(change)])] }));

    expect(question?.text).toBe(`orders says ${words} (evidence 3). Does it begin with you?`);
  });

  it.each([
    ['that rests on nothing that shows anything', { evidence: [trace(3, [], true)] }],
    ['of a service that nobody knows', { findings: [finding('orders', 'blame', 'ghost')] }],
    ['of itself', { findings: [finding('orders', 'cause', 'orders')] }],
    ['that its own agent hardly believes', { findings: [finding('orders', 'blame', 'users', 0.2)] }],
    ['that was asked already', { questions: [asked()] }],
    [
      'that was answered, whatever it rests on now',
      { questions: [asked({ text: 'other', answer: { verdict: 'not-mine', text: '', evidence: [3] } })] },
    ],
    ['after the last meeting', { questions: [asked({ round: mostMeetings, to: 'stock' })] }],
    [
      'beyond the questions of an incident',
      {
        questions: Array.from({ length: mostQuestions }, (_, n) =>
          asked({ id: `${n}`, round: 1, to: `s${n}` }),
        ),
      },
    ],
  ] satisfies [string, Partial<Blackboard>][])('puts no question %s', (_name, change) => {
    expect(planMeeting(board(change))).toEqual([]);
  });

  it('asks whom it asked in the middle of a look once more: that answer was a glance', () => {
    const glance = asked({ round: 0, answer: { verdict: 'not-mine', text: '', evidence: [3] } });

    expect(planMeeting(board({ questions: [glance] }))).toMatchObject([{ round: 1, to: 'users' }]);
  });

  it('takes half-hearted blame beside strong blame for none', () => {
    const findings = [finding('orders', 'blame', 'users', 0.8), finding('orders', 'blame', 'stock', 0.3)];

    expect(planMeeting(board({ findings })).map((one) => one.to)).toEqual(['users']);
  });

  it.each([
    ['a cause of its own', finding('users', 'cause', 'users'), 'mine'],
    ['blame of another', finding('users', 'blame', 'stock'), 'passed-on'],
    ['a look that found nothing', finding('users', 'healthy'), 'not-mine'],
  ])('has the answer of an agent that stated %s', (_name, own, verdict) => {
    const findings = [finding('orders', 'blame', 'users', 0.9), own];

    const question = planMeeting(board({ findings })).find((one) => one.to === 'users');

    expect(question?.answer).toMatchObject({ verdict, text: own.text, evidence: [3] });
  });

  it.each([
    ['only glanced at itself', { role: 'neighbour' }, 'healthy'],
    ['saw symptoms and no more', {}, 'symptom'],
    ['was stopped before its end', {}, 'partial'],
    ['failed', { state: 'failed' }, 'healthy'],
  ] as const)('has no answer of an agent that %s', (_name, change, kind) => {
    const investigations = [investigation('orders'), investigation('users', change)];
    const findings = [finding('orders', 'blame', 'users'), finding('users', kind)];

    expect(planMeeting(board({ investigations, findings }))).toMatchObject([{ to: 'users', answer: null }]);
  });

  it('hears what begins with a service before what it blames on others', () => {
    const own = [finding('users', 'blame', 'stock', 0.9), finding('users', 'cause', 'users', 0.4)];

    expect(answerFromFindings('users', own).verdict).toBe('mine');
    expect(answerFromFindings('users', []).verdict).toBe('unclear');
  });
});
