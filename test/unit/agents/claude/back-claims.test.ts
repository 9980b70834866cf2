import { describe, expect, it } from 'vitest';
import { backClaims } from '../../../../src/agents/claude/back-claims.ts';
import { decideRootCause } from '../../../../src/domain/decide-root-cause.ts';
import { carriesPlan, type Evidence, restsOnPublicInput } from '../../../../src/domain/evidence.ts';
import type { Claim } from '../../../../src/domain/finding.ts';
import { isRankedByCode } from '../../../../src/domain/ranked-commits.ts';

const row = (number: number, more: Partial<Evidence>): Evidence => ({
  number,
  kind: 'metric',
  service: 'mailer',
  incidentId: 'i',
  investigationId: null,
  at: new Date(0),
  title: '',
  summary: '',
  query: '',
  data: {},
  empty: false,
  ...more,
});
const trouble = { judged: 'trouble' };
const cause = (service: string, commit?: string): Claim => ({
  kind: 'cause',
  text: 'It is this one.',
  evidence: [1],
  blames: { service, ...(commit === undefined ? {} : { commit }) },
  confidence: 1,
});
const symptom: Claim = { kind: 'symptom', text: 'errors rose', evidence: [1], confidence: 0.8 };
const healthy: Claim = { ...symptom, kind: 'healthy' };
const ranked = (number: number, sha: string, score: number): Evidence =>
  row(number, { kind: 'change', service: 'ledger', data: { commit: { sha }, score, margin: 0.5 } });
const confidenceOf = (claims: readonly Claim[]) => claims.map((claim) => claim.confidence);

describe('a cause that a model states', () => {
  it('stands where the engine saw trouble in its service', () => {
    expect(confidenceOf(backClaims('ledger', [cause('ledger')], [symptom], []).claims)).toEqual([1]);
  });

  it.each([
    ['a log line', row(2, { kind: 'log' })],
    ['a metric that did not move', row(2, { data: { judged: 'calm', moved: [] } })],
    ['an expression of its own choice', row(2, { data: { series: [] } })],
    ['tables that it listed', row(2, { kind: 'database', data: { tables: [{ table: 'public.users' }] } })],
    ['a plan that it asked for', row(2, { kind: 'database', data: { plan: 'Seq Scan', statement: '' } })],
    ['new log text', row(2, { kind: 'log', data: { judged: 'trouble' } })],
    [
      'a trace that fails elsewhere',
      row(2, { kind: 'trace', data: { judged: 'trouble', origins: [{ service: 'ledger' }] } }),
    ],
    ['a commit', row(2, { kind: 'change', data: { commit: { sha: 'a' } } })],
    ['a trial of a patch', row(2, { kind: 'check', data: { judged: 'trouble', triedPatch: {} } })],
    ['a metric of another service', row(2, { service: 'ledger', data: { judged: 'trouble' } })],
  ])('is not backed by %s', (_, seen) => {
    const { claims, limits } = backClaims('ledger', [cause('mailer')], [healthy], [seen]);

    expect(confidenceOf(claims)).toEqual([0.15]);
    expect(limits.join()).toContain('Claude blames mailer');
  });

  it.each([
    ['a metric that moved', row(2, { data: trouble })],
    [
      'traces that fail there',
      row(2, { kind: 'trace', data: { ...trouble, origins: [{ service: 'mailer' }] } }),
    ],
    ['its tests', row(2, { kind: 'check', data: trouble })],
    ['its database', row(2, { kind: 'database', data: trouble })],
  ])('is backed by %s', (_, seen) => {
    expect(confidenceOf(backClaims('ledger', [cause('mailer')], [healthy], [seen]).claims)).toEqual([1]);
  });

  it('is held up by what code saw of the same trouble, cited beside what the model chose to look at', () => {
    const sha = 'a'.repeat(40);
    const rows = [
      row(1, { data: { series: [] } }),
      row(2, { data: trouble }),
      row(3, { data: trouble }),
      row(4, { kind: 'trace', data: trouble }),
      row(5, { kind: 'trace', service: 'ledger', data: trouble }),
      { ...ranked(6, sha, 0.8), service: 'mailer' },
    ];

    const [held] = backClaims('ledger', [cause('mailer', sha)], [healthy], rows).claims;

    expect(held?.evidence).toEqual([1, 2, 4, 6]);
    expect(carriesPlan(rows.filter((one) => held?.evidence.includes(one.number)))).toBe(true);
  });

  it('is confirmed and carries a plan on no look that shows nothing, however many there are', () => {
    const sha = 'a'.repeat(40);
    const rows = [
      row(1, { title: 'vector(1)', data: { series: [{ name: '{}', times: [1], values: [1] }], onset: 0 } }),
      row(2, { kind: 'database', data: { tables: [{ table: 'public.users', rows: 10 }] } }),
      { ...ranked(3, sha, 0.06), service: 'mailer' },
    ];
    const sure: Claim = { ...cause('mailer', sha), evidence: [1, 2, 3] };

    expect(confidenceOf(backClaims('ledger', [sure], [], rows).claims)).toEqual([0.15]);
    const heard = {
      ...sure,
      id: 'f',
      incidentId: 'i',
      investigationId: 'v',
      service: 'mailer',
      at: new Date(0),
    };
    const decided = decideRootCause({
      alerted: ['mailer'],
      findings: [heard],
      evidence: rows,
      ruledOut: [],
      nextChecks: [],
    });
    expect(decided.outcome).toBe('likely');
    expect(carriesPlan(rows)).toBe(false);
    expect(restsOnPublicInput(rows)).toBe(true);
  });

  it('names a commit to read where code ranks another first', () => {
    const rows = [ranked(2, 'a'.repeat(40), 0.8), ranked(3, 'b'.repeat(40), 0.3)];

    const { nextChecks } = backClaims('ledger', [cause('ledger', 'b'.repeat(40))], [symptom], rows);

    expect(nextChecks.join()).toContain('Read commit bbbbbbbbbb of ledger');
  });
});

describe('a commit', () => {
  const rows = [
    ranked(2, 'a'.repeat(40), 0.8),
    ranked(3, 'b'.repeat(40), 0.5),
    ranked(4, 'c'.repeat(40), 0.3),
  ];

  it.each([
    ['first', 'a'.repeat(40), true],
    ['about as well', 'b'.repeat(12), true],
    ['clearly behind', 'c'.repeat(40), false],
    ['nowhere', 'd'.repeat(40), false],
  ])('that ranks %s is contended: %#', (_, sha, stands) => {
    expect(isRankedByCode(sha, 'ledger', rows)).toBe(stands);
  });

  it('is not ranked by having been looked at, nor in another service', () => {
    const looked = row(2, { kind: 'change', service: 'ledger', data: { commit: { sha: 'e'.repeat(40) } } });

    expect(isRankedByCode('e'.repeat(40), 'ledger', [looked])).toBe(false);
    expect(isRankedByCode('a'.repeat(40), 'mailer', rows)).toBe(false);
  });
});
