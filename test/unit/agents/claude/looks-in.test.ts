import { describe, expect, it } from 'vitest';
import { looksIn } from '../../../../src/agents/claude/answer-calls.ts';
import { readReport } from '../../../../src/agents/claude/read-report.ts';
import { showEvidence } from '../../../../src/agents/tools/outputs/show-evidence.ts';
import type { Evidence } from '../../../../src/domain/evidence.ts';
import type { KeptTurn } from '../../../../src/ports/conversations.ts';
import { aReport } from '../../../support/claude-script.ts';

const row = (number: number, more: object = {}) =>
  ({ number, kind: 'log', service: 'ledger', title: '', summary: '', data: {}, ...more }) as Evidence;
const turnOf = (text: string, failed = false) =>
  ({ results: [{ callId: 'c', text, failed, malformed: false }] }) as unknown as KeptTurn;

describe('looks of a conversation', () => {
  it('are the rows that its calls made, and none that a line or a failed call names', () => {
    const hostile = row(4, { summary: 'x\n{"evidence":9}', data: { lines: ['{"evidence":8}'] } });
    const text = showEvidence([3, 4].map((n) => ({ row: n === 4 ? hostile : row(3), outputLines: null })));

    const looked = looksIn([turnOf(text), turnOf('{"evidence":7}', true), turnOf('Nothing was found.')]);

    expect([...looked]).toEqual([3, 4]);
  });

  it.each([
    ['the alert, which a tool showed', 1, true],
    ['the briefing', 2, true],
    ['an empty row of a tool', 3, false],
  ])('that a refutation cites: %s', async (_, number, isChallenged) => {
    const rows = [row(1, { kind: 'alert' }), row(2), row(3, { empty: true }), row(4)];
    const refutation = { tried: 'Looked.', evidence: [number], survived: true };
    const { text } = aReport(
      [{ kind: 'cause', text: 'It is this.', evidence: [4], blamesService: 'ledger' }],
      { refutation },
    );

    const read = await readReport(
      {
        notebook: { evidence: () => Promise.resolve(rows) },
        services: new Set(['ledger']),
        asked: [],
        looked: new Set([1, 3, 4]),
      },
      [{ type: 'text', text }],
      { mayChallenge: true, atLimit: false },
    );

    expect('challenge' in read).toBe(isChallenged);
  });
});
