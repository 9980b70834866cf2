import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src/agents/look-at-service.ts';
import { stateClaims } from '../../../src/agents/state-claims.ts';
import type { RankedCommit } from '../../../src/analysis/culprits/rank-commits.ts';
import { rankToldChanges } from '../../../src/analysis/culprits/weigh-told-change.ts';
import { decideRootCause } from '../../../src/domain/decide-root-cause.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../src/domain/finding.ts';
import type { Change } from '../../../src/ports/change-source.ts';

const onset = 1_800_000_000;
const row = (number: number, kind: Evidence['kind']): Evidence => ({
  incidentId: 'i',
  investigationId: null,
  at: new Date(0),
  number,
  kind,
  service: 'pay',
  title: '',
  summary: '',
  query: '',
  data: {},
  empty: false,
});
const seen = [row(1, 'metric'), row(2, 'trace'), row(3, 'log')];
const toldRow = row(9, 'change');

function look(fields: Readonly<Record<string, string>> = {}): Look {
  const line = { level: 'error', message: 'payment failed: no till', fields };
  const judgement = {
    own: 0.9,
    seen: 0.9,
    abnormal: 0.9,
    blames: [],
    reasons: ['5xx 0 → 30 %'],
    origins: [],
    troubled: [],
    kinds: new Map(),
  };
  return {
    service: 'pay',
    window: { onset: new Date(onset * 1000) },
    evidence: seen,
    signals: { metrics: null, traces: null, logs: { templates: [{ line }] } },
    judgement,
    // What stating claims reads of a look.
  } as unknown as Look;
}

function tell(change: Partial<Change> = {}) {
  const told: Change = {
    at: new Date((onset - 30) * 1000),
    service: 'pay',
    kind: 'flag',
    actor: 'mallory',
    summary: 'payment till: rolled by bob',
    before: null,
    after: 'bad',
    url: null,
    ...change,
  };
  const [ranked] = rankToldChanges([told], {
    onset,
    alertedAt: onset + 60,
    texts: [{ text: 'payment failed no till' }],
  });
  if (ranked === undefined) throw new Error('nothing was ranked');
  return { ranked, evidence: toldRow };
}

const commit = (score: number, share: number): RankedCommit => ({
  commit: { sha: 'aaaaaaaaaa', subject: '', body: '', author: 'a', committedAt: onset - 60, files: [] },
  score,
  margin: 0.4,
  share,
  reasons: [],
  change: 'changed `timeoutMs` 5000 → 5',
});
const causeOf = (claims: readonly Claim[]) => claims.find((one) => one.kind === 'cause');

function decide(claims: readonly Claim[]) {
  const finding = (claim: Claim, service: string): Finding => ({
    ...claim,
    id: service,
    incidentId: 'i',
    investigationId: service,
    service,
    at: new Date(0),
  });
  // All callers are as sure as can be that it is this service.
  const accused: Claim = {
    kind: 'blame',
    text: '',
    evidence: [2],
    blames: { service: 'pay' },
    confidence: 1,
  };
  return decideRootCause({
    alerted: ['shop'],
    findings: [...claims.map((one) => finding(one, 'pay')), finding(accused, 'shop')],
    evidence: [...seen, toldRow],
    ruledOut: [],
    nextChecks: [],
  });
}

describe('a change that was merely told', () => {
  it('does not pass by a commit that fits about as well and is not named', () => {
    const unnamed = commit(0.6, 0.3);

    expect(causeOf(stateClaims(look(), unnamed, [], false, tell()))?.text).not.toContain('mallory');
  });

  it('is said as told, and is no likely cause whoever blames the service', () => {
    const claims = stateClaims(look(), null, [], false, tell());

    expect(causeOf(claims)?.text).toContain('was told by mallory; not seen: flag payment till');
    expect(decide(claims)).toMatchObject({ outcome: 'inconclusive', commit: null, proposes: [] });
  });

  it('is likely where the service itself logs it with its new value, and never confirmed', () => {
    const told = tell({ summary: 'till-sharing', after: 'on' });

    const claims = stateClaims(look({ 'till-sharing': 'on' }), null, [], false, told);

    expect(causeOf(claims)?.text).toContain(
      'was told by mallory; its log lines name it: flag till-sharing → on',
    );
    expect(decide(claims)).toMatchObject({ outcome: 'likely', commit: null, proposes: [] });
    for (const other of [{ 'till-sharing': 'off' }, { sharing: 'on' }])
      expect(decide(stateClaims(look(other), null, [], false, told)).outcome).toBe('inconclusive');
  });
});
