import { describe, expect, it } from 'vitest';
import { toAct } from '../../../src/domain/audit-act.ts';
import type { Anchor } from '../../../src/domain/audit-anchor.ts';
import { type AuditReport, sayReport } from '../../../src/domain/audit-report.ts';
import { auditKeyOf, sealHead } from '../../../src/domain/audit-seal.ts';

const at = new Date('2026-11-22T12:00:00.000Z');
const anchor: Anchor = { number: 12, at, streams: 3, entries: 4000, previous: '0', digest: 'd'.repeat(64) };
const report: AuditReport = {
  holds: true,
  checked: {
    streams: 3,
    entries: 4321,
    anchors: 12,
    plans: 2,
    approvals: 1,
    executions: 1,
    halts: 0,
    delegations: 0,
  },
  newestAnchor: anchor,
  extendedAnchor: null,
  problems: [],
  problemCount: 0,
};

describe('what the audit says', () => {
  it('counts what holds, and gives the digest to keep', () => {
    const said = sayReport(report);

    expect(said).toContain('The audit holds: 3 timelines, 4,321 entries, 12 anchors; 2 plans, 1 approval');
    expect(said).toContain(anchor.digest);
  });

  it('says of each problem where it is, and how many more there are', () => {
    const said = sayReport({
      ...report,
      holds: false,
      problems: [
        { stream: 'i1', seq: 4, fault: 'edited', text: 'it was edited.' },
        { stream: 'i2', seq: null, fault: 'row', text: 'the row is gone.' },
        { stream: null, seq: null, fault: 'anchor', text: 'anchor 3 is missing.' },
      ],
      problemCount: 5,
    });

    expect(said.split('\n').slice(2)).toEqual([
      '✗ i1, entry 4: it was edited.',
      '✗ i2: the row is gone.',
      '✗ record: anchor 3 is missing.',
      '… and 2 more.',
      '',
    ]);
  });
});

describe('an act', () => {
  const entry = {
    incidentId: 'i1',
    seq: 3,
    at,
    kind: 'rollback.done',
    actor: 'warroom',
    text: 'Rolled back.',
    data: { planId: 'p1', digest: 'x', reason: 7 },
    previousHash: '0',
    hash: '1',
  };

  it('is a word of ours for what we know, and the kind itself for what we do not', () => {
    expect(toAct(entry, undefined, false)).toMatchObject({ action: 'rolled-back', plan: 'p1', remedies: [] });
    expect(toAct(entry, undefined, true).action).toBe('undone');
    expect(toAct({ ...entry, kind: 'plan.dreamt-of' }, undefined, false).action).toBe('plan.dreamt-of');
  });

  it('takes only text for a reason, and nothing from what is no object', () => {
    expect(toAct(entry, undefined, false).reason).toBeNull();
    expect(toAct({ ...entry, data: ['planId'] }, undefined, false).plan).toBeNull();
    expect(toAct({ ...entry, data: null }, undefined, false).plan).toBeNull();
  });
});

describe('a seal', () => {
  const head = { stream: 'i1', seq: 3, hash: 'h' };
  const key = auditKeyOf('a secret of this test');

  it('is the same for the same secret, and another for any other secret, stream, place or hash', () => {
    const seals = [
      sealHead(key, head),
      sealHead(auditKeyOf('another secret of it'), head),
      sealHead(key, { ...head, stream: 'i2' }),
      sealHead(key, { ...head, seq: 4 }),
      sealHead(key, { ...head, hash: 'i' }),
    ];

    expect(sealHead(auditKeyOf('a secret of this test'), head)).toBe(seals[0]);
    expect(new Set(seals).size).toBe(5);
  });

  it('does not show its key where it is logged', () => {
    expect(JSON.stringify({ key })).toBe('{"key":{}}');
  });
});
