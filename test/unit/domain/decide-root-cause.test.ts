import { describe, expect, it } from 'vitest';
import { decideRootCause, type Hearing } from '../../../src/domain/decide-root-cause.ts';
import { carriesPlan, type Evidence, type EvidenceKind } from '../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../src/domain/finding.ts';

const at = new Date(0);

function evidence(
  number: number,
  service: string,
  kind: EvidenceKind,
  more: Partial<Evidence> = {},
): Evidence {
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
    empty: false,
    ...more,
  };
}

function finding(
  service: string,
  kind: Claim['kind'],
  cited: number[],
  confidence: number,
  blames?: Claim['blames'],
): Finding {
  return {
    service,
    kind,
    evidence: cited,
    confidence,
    text: `${service} ${kind}`,
    ...(blames === undefined ? {} : { blames }),
    id: '',
    incidentId: 'i',
    investigationId: service,
    at,
  };
}

const commit = (number: number, service: string, sha: string, margin = 0.6): Evidence =>
  evidence(number, service, 'change', {
    data: { commit: { sha, subject: 'Shorter', author: 'Ada', at: '' }, margin },
  });
const rows = [
  evidence(1, 'b', 'trace'),
  evidence(2, 'b', 'log'),
  commit(3, 'b', 'abc1234'),
  evidence(4, 'a', 'trace'),
  evidence(5, 'a', 'log', { empty: true }),
];
const hear = (findings: Finding[], more: Partial<Hearing> = {}) =>
  decideRootCause({ alerted: ['a'], findings, evidence: rows, ruledOut: [], nextChecks: [], ...more });
const cause = finding('b', 'cause', [1, 2, 3], 0.7, { service: 'b', commit: 'abc1234' });
const blame = finding('a', 'blame', [4], 0.8, { service: 'b' });

describe('deciding the root cause', () => {
  it('confirms on two kinds of evidence and a commit that stands alone, and shows the way to the alert', () => {
    expect(hear([cause, blame])).toMatchObject({
      outcome: 'confirmed',
      service: 'b',
      commit: {
        sha: 'abc1234',
        author: 'Ada',
      },
      path: ['b', 'a'],
      evidence: [1, 2, 3, 4],
    });
  });

  it.each([
    ['of looks that a model chose', 'b', { series: [1] }],
    ['of looks in which code found nothing', 'b', { judged: 'calm' }],
    ['of a service that is on no way to the alert', 'c', { judged: 'trouble' }],
  ])('is only likely on kinds %s', (_name, service, data) => {
    const seen = [
      ...rows,
      evidence(6, service, 'metric', { data }),
      evidence(7, service, 'database', { data }),
    ];
    const claim = finding('b', 'cause', [1, 3, 6, 7], 0.9, { service: 'b', commit: 'abc1234' });

    expect(hear([claim], { evidence: seen }).outcome).toBe('likely');
  });

  it('counts what reached a caller on the way to the alert', () => {
    const claim = finding('b', 'cause', [2, 3], 0.7, { service: 'b', commit: 'abc1234' });

    expect(hear([claim]).outcome).toBe('likely');
    expect(hear([claim, blame]).outcome).toBe('confirmed');
  });

  it('is only likely on one kind of evidence', () => {
    const thin = finding('b', 'cause', [1, 3], 0.7, { service: 'b', commit: 'abc1234' });

    expect(hear([thin])).toMatchObject({ outcome: 'likely', service: 'b' });
  });

  it('rests on nothing that happened in another incident', () => {
    const remembered = [...rows, evidence(6, 'b', 'past')];
    const memory = finding('b', 'cause', [6], 0.95, { service: 'b', commit: 'abc1234' });
    const withOne = finding('b', 'cause', [1, 3, 6], 0.7, { service: 'b', commit: 'abc1234' });

    expect(hear([memory], { evidence: remembered }).service).toBeNull();
    expect(hear([withOne], { evidence: remembered }).outcome).toBe('likely');
    expect(carriesPlan([evidence(1, 'b', 'metric'), evidence(6, 'b', 'past')])).toBe(false);
  });

  it('is only likely when another commit fits nearly as well', () => {
    const close = rows.map((row) => (row.number === 3 ? commit(3, 'b', 'abc1234', 0.05) : row));

    const decision = hear([cause, blame], { evidence: close });

    expect(decision.outcome).toBe('likely');
    expect(decision.nextChecks.join()).toContain('Other commits');
  });

  it.each([
    ['cites nothing', []],
    ['cites what does not exist', [1, 99]],
    ['cites only empty looks', [5]],
  ])('drops a claim that %s', (_name, cited) => {
    const claim = finding('b', 'cause', cited, 0.95, { service: 'b', commit: 'abc1234' });

    expect(hear([claim])).toMatchObject({ outcome: 'inconclusive', service: null, commit: null });
  });

  it('names no commit that the claim has no evidence of', () => {
    const bare = finding('b', 'cause', [1, 2], 0.9, { service: 'b', commit: 'fff0000' });

    expect(hear([bare])).toMatchObject({ outcome: 'likely', service: 'b', commit: null });
  });

  it('follows blame to where it ends rather than to who shouts loudest', () => {
    const loud = finding('a', 'cause', [4], 0.75, { service: 'a' });

    expect(hear([loud, blame, cause])).toMatchObject({ service: 'b' });
  });

  it('leaves two equal candidates open and says what to compare', () => {
    const other = finding('a', 'cause', [4], 0.6, { service: 'a' });
    const same = finding('b', 'cause', [1], 0.6, { service: 'b' });

    const decision = hear([other, same]);

    expect(decision).toMatchObject({ outcome: 'inconclusive', service: null });
    expect(decision.nextChecks.length).toBeGreaterThan(0);
  });

  it('rules out healthy services in one line', () => {
    const healthy = finding('a', 'healthy', [5], 0.8);

    expect(hear([cause, healthy]).ruledOut).toEqual(['a: nothing abnormal there.']);
  });

  describe('with a fix that the cause proposes', () => {
    const index = { kind: 'create-index', service: 'b', params: { table: 'entries' } } as const;
    const looked = [...rows, evidence(6, 'b', 'database'), evidence(7, 'b', 'database', { empty: true })];
    const missing = { ...finding('b', 'cause', [1, 6], 0.9, { service: 'b' }), proposes: [index] };

    it('hands it on', () => {
      expect(hear([missing], { evidence: looked }).proposes).toEqual([index]);
    });

    it('confirms what was seen in the database itself, with or without a commit', () => {
      expect(hear([missing], { evidence: looked })).toMatchObject({ outcome: 'confirmed', commit: null });
    });

    it.each([
      ['the look found nothing', { evidence: [1, 7] }],
      ['nothing follows from the look', { proposes: [] }],
      ['there was no look', { evidence: [1, 2] }],
    ])('is only likely when %s', (_case, change) => {
      expect(hear([{ ...missing, ...change }], { evidence: looked }).outcome).toBe('likely');
    });

    it('has none when nothing is decided', () => {
      expect(hear([{ ...missing, confidence: 0.1 }], { evidence: looked })).toMatchObject({
        outcome: 'inconclusive',
        proposes: [],
      });
    });

    it('has none where the cause proposes none', () => {
      expect(hear([cause]).proposes).toEqual([]);
    });
  });
});
