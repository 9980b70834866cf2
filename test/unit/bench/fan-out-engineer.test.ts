import { describe, expect, it } from 'vitest';
import { workAsEngineer } from '../../../bench/fan-out/engineer.ts';
import type { Asked, Scripted } from '../../support/aimock.ts';

const sha = 'a1b2c3d4e5';

interface World {
  /** Where failing requests of the shop front begin. */
  readonly origin: string | null;
  /** What moved, by service. */
  readonly moved: Readonly<Record<string, string>>;
  /** What somebody says who is asked. */
  readonly answer?: string;
  readonly ties?: string;
  /** Services whose failing requests begin there, too. */
  readonly callers?: readonly string[];
}

const claim = {
  kind: 'cause',
  text: 'front: its own commit.',
  evidence: [1],
  blames: { service: 'front', commit: 'ffffffffff' },
  confidence: 0.9,
};

/** Holds a whole conversation with tools that show this world. */
function converse(world: World): {
  readonly calls: string[];
  readonly report: Report;
  readonly shown: string[];
} {
  const task = `Your service: front. It calls: ledger, mailer.\nAll services: front, ledger, mailer.\nClaims:\n${JSON.stringify(claim)}\nEvidence:\n{"evidence":1,"kind":"metric","service":"front","title":"Metrics before and after the onset","summary":"errors up"}`;
  const seen = [task];
  const calls: string[] = [];
  let number = 1;
  for (let turn = 0; turn < 12; turn += 1) {
    const said: Scripted = workAsEngineer({ turn, service: 'front', task, seen } as unknown as Asked);
    if ('text' in said) return { calls, report: JSON.parse(said.text) as Report, shown: seen };
    if (!('calls' in said)) break;
    for (const { name, input } of said.calls) {
      const service = (input as { service?: string }).service ?? 'front';
      calls.push(`${name} ${service}`);
      number += 1;
      seen.push(JSON.stringify({ evidence: number, ...show(world, name, service) }));
    }
  }
  throw new Error('it never reported');
}

interface Report {
  readonly claims: readonly {
    kind: string;
    evidence: number[];
    blamesService: string | null;
    blamesCommit: string | null;
  }[];
  readonly refutation: { evidence: number[]; survived: boolean } | null;
  readonly hypotheses: readonly { verdict: string }[];
}

function show(
  { origin, moved, answer, callers = [], ties = 'changes `ttl` 24 → 1; shares "token" with the text' }: World,
  name: string,
  service: string,
): object {
  const kind = moved[service];
  switch (name) {
    case 'metric_overview':
      return {
        kind: 'metric',
        service,
        title: 'Metrics before and after the onset',
        summary: kind === undefined ? 'Nothing moved beyond its usual range.' : 'it moved.',
        data: {
          moved: kind === undefined ? [] : [{ kind, text: 't', score: 0.7 }],
          series: [{ kind: 'errors' }],
        },
      };
    case 'trace_edges': {
      const concerns =
        origin !== null && (service === 'front' || service === origin || callers.includes(service));
      const origins = concerns ? [{ service: origin, count: 30 }] : [];
      return {
        kind: 'trace',
        service,
        title: 'Requests before and after the onset',
        summary: concerns ? `${origin} refuses.` : '90 requests, none failing.',
        data: { edges: [], slow: [], origins },
      };
    }
    case 'log_templates':
      return { kind: 'log', service, title: 'Log lines since the onset', summary: 'No new line.', data: {} };
    case 'ask_peer':
      return {
        kind: 'topology',
        service,
        title: `What ${service} answers`,
        summary: answer ?? 'Yes, it begins here: it refuses.',
        data: {},
      };
    case 'show_commit':
      return {
        kind: 'change',
        service,
        title: `Commit ${sha} "Shorter"`,
        summary: 'Kai changed it.',
        data: { diff: '-24\n+1' },
      };
    default:
      return {
        kind: 'change',
        service,
        title: `Commit ${sha} "Shorter"`,
        summary: `Kai changed it. Best match of the recent commits: ${ties}.`,
        data: { diff: '-24\n+1', score: 0.6 },
      };
  }
}

const upstream: World = { origin: 'ledger', moved: { front: 'errors', ledger: 'rejections' } };

describe('workAsEngineer', () => {
  it('follows blame to the other service itself where nobody there names what changed', () => {
    const { calls, report } = converse(upstream);

    expect(calls).toContain('suspect_commits ledger');
    expect(
      report.claims.map(({ kind, blamesService, blamesCommit }) => [kind, blamesService, blamesCommit]),
    ).toEqual([
      ['symptom', null, null],
      ['blame', 'ledger', null],
      ['cause', 'ledger', sha],
    ]);
    // The briefing blamed its own service: that is not taken over.
    expect(report.hypotheses).toMatchObject([{ verdict: 'open' }]);
  });

  it('leaves it to who is asked and names the commit', () => {
    const { calls, report } = converse({
      ...upstream,
      answer: `Yes, it begins here: commit ${sha} by Kai changed it. (evidence 4)`,
    });

    expect(calls).not.toContain('suspect_commits ledger');
    expect(report.claims.map((one) => one.kind)).toEqual(['symptom', 'blame']);
  });

  it('looks for what would refute the cause, and cites only rows that it was shown', () => {
    const { calls, report, shown } = converse({ origin: 'front', moved: { front: 'errors' } });

    expect(calls).toContain(`show_commit front`);
    expect(report.claims.at(-1)).toMatchObject({ kind: 'cause', blamesService: 'front', blamesCommit: sha });
    expect(report.refutation).toMatchObject({ survived: true });
    const cause = report.claims.at(-1)?.evidence ?? [];
    expect(report.refutation?.evidence.some((one) => !cause.includes(one))).toBe(true);
    const cited = [...report.claims.flatMap((one) => one.evidence), ...(report.refutation?.evidence ?? [])];
    for (const one of cited) expect(shown.some((row) => row.startsWith(`{"evidence":${one},`))).toBe(true);
  });

  it('says so when those beside it are troubled of themselves', () => {
    const { report } = converse({ origin: 'front', moved: { front: 'errors', mailer: 'memory-leak' } });

    expect(report.refutation).toMatchObject({ survived: false });
  });

  it('is not put off by a caller that passes the same failures on', () => {
    const { report } = converse({
      origin: 'front',
      moved: { front: 'errors', mailer: 'errors' },
      callers: ['mailer'],
    });

    expect(report.refutation).toMatchObject({ survived: true });
  });

  it.each([
    ['more is asked of it and nothing else moved', { origin: null, moved: { front: 'requests' } }],
    ['nothing moved', { origin: null, moved: {} }],
  ])('blames nobody where %s, whatever the briefing says', (_, world) => {
    const { report } = converse(world);

    expect(report.claims.map((one) => one.kind)).toEqual(['healthy']);
  });

  it('names no commit that nothing ties to what it sees', () => {
    const { report } = converse({ ...upstream, ties: 'nothing ties it to the symptoms' });

    expect(report.claims.map((one) => one.kind)).toEqual(['symptom', 'blame']);
  });
});
