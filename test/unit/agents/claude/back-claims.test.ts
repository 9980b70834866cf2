import { describe, expect, it } from 'vitest';
import { backClaims } from '../../../../src/agents/claude/back-claims.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
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
    ['a metric that did not move', row(2, { data: { moved: [] } })],
    ['an expression of its own choice', row(2, { data: { series: [] } })],
    ['a trace that fails elsewhere', row(2, { kind: 'trace', data: { origins: [{ service: 'ledger' }] } })],
    ['a commit', row(2, { kind: 'change', data: { commit: { sha: 'a' } } })],
    ['a trial of a patch', row(2, { kind: 'check', data: { triedPatch: {} } })],
    ['a metric of another service', row(2, { service: 'ledger', data: { moved: [{}] } })],
  ])('is not backed by %s', (_, seen) => {
    const { claims, limits } = backClaims('ledger', [cause('mailer')], [healthy], [seen]);

    expect(confidenceOf(claims)).toEqual([0.15]);
    expect(limits.join()).toContain('Claude blames mailer');
  });

  it.each([
    ['a metric that moved', row(2, { data: { moved: [{ kind: 'errors' }] } })],
    ['traces that fail there', row(2, { kind: 'trace', data: { origins: [{ service: 'mailer' }] } })],
    ['its tests', row(2, { kind: 'check' })],
    ['its database', row(2, { kind: 'database' })],
  ])('is backed by %s', (_, seen) => {
    expect(confidenceOf(backClaims('ledger', [cause('mailer')], [healthy], [seen]).claims)).toEqual([1]);
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
