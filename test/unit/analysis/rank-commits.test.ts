import { describe, expect, it } from 'vitest';
import type { CandidateCommit } from '../../../src/analysis/culprits/candidate-commit.ts';
import { parseDiff } from '../../../src/analysis/culprits/parse-diff.ts';
import { rankCommits } from '../../../src/analysis/culprits/rank-commits.ts';
import { indexSource } from '../../../src/analysis/culprits/source-index.ts';
import type { Symptoms } from '../../../src/analysis/culprits/symptoms.ts';

const onset = 1_000_000;

function commit(
  sha: string,
  path: string,
  removed: string[],
  added: string[],
  minutesAgo = 30,
): CandidateCommit {
  const lines = [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)];
  const diff = [
    `diff --git a/${path} b/${path}`,
    `@@ -1,${removed.length} +1,${added.length} @@`,
    ...lines,
  ].join('\n');
  return {
    sha,
    subject: 'Change',
    body: '',
    author: 'Ada',
    committedAt: onset - minutesAgo * 60,
    files: parseDiff(diff),
  };
}

function symptoms(more: Partial<Symptoms>): Symptoms {
  return {
    onset,
    alertedAt: onset + 20,
    kinds: new Map([['errors', 1]]),
    texts: [],
    frames: [],
    operations: [],
    healthyOperations: [],
    numbers: [],
    slowdownMs: null,
    peers: [],
    releases: [],
    ...more,
  };
}

const none = indexSource([]);
const best = (commits: CandidateCommit[], seen: Symptoms, source = none) =>
  rankCommits(commits, seen, source)[0];

describe('ranking commits', () => {
  it('puts the direction of a setting against the symptom: a shorter deadline explains timeouts, a longer one does not', () => {
    const shorter = commit('shorter', 'c.yaml', ['upstream_timeout_ms: 800'], ['upstream_timeout_ms: 50']);
    const longer = commit('longer', 'd.yaml', ['login_timeout_ms: 800'], ['login_timeout_ms: 9000']);

    const found = best([longer, shorter], symptoms({ kinds: new Map([['timeouts', 1]]) }));

    expect(found?.commit.sha).toBe('shorter');
    expect(found?.change).toBe('changed `upstream_timeout_ms` 800 → 50');
  });

  it('follows the route that fails to the function it calls', () => {
    const source = indexSource([
      {
        path: 'src/routes.js',
        text: "export const routes = [\n  { path: '/quotes', handle: (r) => priceQuote(r) },\n];\n",
      },
      { path: 'src/price.js', text: 'export function priceQuote(r) {\n  return r.items.total;\n}\n' },
      { path: 'src/stamp.js', text: 'export function stampLetter(r) {\n  return r.items.stamp;\n}\n' },
    ]);
    const near = commit('near', 'src/price.js', ['  return r.total;'], ['  return r.items.total;']);
    const far = commit('far', 'src/stamp.js', ['  return r.stamp;'], ['  return r.items.stamp;'], 5);

    expect(best([far, near], symptoms({ operations: ['GET /quotes'] }), source)?.commit.sha).toBe('near');
  });

  it('gives next to nothing to tests, documents, comments and log lines, however well their words fit', () => {
    const text = { text: 'ledger entry vanished', weight: 1, source: 'error text' };
    const noise = [
      commit('test', 'test/ledger.test.js', [], ['assert(ledger.entry.vanished)']),
      commit('docs', 'README.md', [], ['The ledger entry vanished']),
      commit('comment', 'src/ledger.js', [], ['// ledger entry vanished']),
    ];
    const real = commit('real', 'src/ledger.js', ['  if (!entry) return null;'], []);

    const ranking = rankCommits([...noise, real], symptoms({ texts: [text] }), none);

    expect(ranking[0]?.commit.sha).toBe('real');
    for (const one of ranking.slice(1)) expect(one.score).toBeLessThan(0.1);
  });

  it('excludes what was made or went live after the alert', () => {
    const late = commit('late', 'src/a.js', [], ["throw new Error('ledger gone')"], -2);
    const seen = symptoms({ texts: [{ text: 'ledger gone', weight: 1, source: 'error text' }] });

    const [found] = rankCommits([late], seen, none);

    expect(found?.score).toBeLessThan(0.03);
    expect(found?.reasons).toContain('made after the alert fired');
  });

  it('prefers what went live as it began over the same change that was live long before', () => {
    const old = commit('aaaaaaa', 'src/a.js', [], ["throw new Error('full')"], 200);
    const fresh = commit('bbbbbbb', 'src/b.js', [], ["throw new Error('full')"], 100);
    const releases = [
      { sha: 'aaaaaaa', at: onset - 900, previous: null },
      { sha: 'bbbbbbb', at: onset - 3, previous: null },
    ];

    expect(best([old, fresh], symptoms({ releases }))?.commit.sha).toBe('bbbbbbb');
  });

  it('does not depend on the order of the candidates', () => {
    const commits = ['a', 'b', 'c'].map((sha, n) =>
      commit(sha, `src/${sha}.js`, [], [`await sleep(${n * 100});`], n + 5),
    );
    const seen = symptoms({ kinds: new Map([['latency', 1]]), slowdownMs: 210 });

    const order = (list: CandidateCommit[]) => rankCommits(list, seen, none).map((one) => one.commit.sha);

    expect(order(commits)).toEqual(order(commits.toReversed()));
    expect(order(commits)[0]).toBe('c');
  });

  it('takes a number that became a text for a fault, and one nudged by a few per cent for none', () => {
    const retyped = commit('retyped', 'config/tax.json', ['  "rate": 19,'], ['  "rate": "19 %",']);
    const nudged = commit('nudged', 'config/fees.json', ['  "rate": 990,'], ['  "rate": 950,']);

    const ranking = rankCommits([nudged, retyped], symptoms({}), none);

    expect(ranking[0]?.commit.sha).toBe('retyped');
    expect(ranking[0]?.margin).toBeGreaterThan(0.5);
  });

  it('holds code that ran well for days for less than what just went live', () => {
    const line = ['  return book.title;'];
    const frames = [{ function: 'show', file: 'src/show.js', line: 1 }];
    const old = commit('aaaaaaa1', 'src/show.js', line, ['  return book.title.text;'], 9000);
    const fresh = commit('bbbbbbb2', 'src/show.js', line, ['  return book.title.text;'], 60);
    const releases = [
      { sha: 'aaaaaaa1', at: 0, previous: null },
      { sha: 'bbbbbbb2', at: onset - 5, previous: null },
    ];

    const ranking = rankCommits([old, fresh], symptoms({ frames, releases }), none);

    expect(ranking.map((one) => one.commit.sha)).toEqual(['bbbbbbb2', 'aaaaaaa1']);
    expect(ranking[0]?.share).toBeGreaterThan(0.5);
    expect(ranking[1]?.score).toBeLessThan((ranking[0]?.score ?? 0) * 0.4);
  });

  it('never repeats the value of a secret', () => {
    const rotated = commit(
      'k',
      'config/keys.json',
      ['  "k3": "one-two-three",'],
      ['  "k3": "four-five-six",'],
    );

    const [found] = rankCommits([rotated], symptoms({ kinds: new Map([['rejections', 1]]) }), none);

    expect(`${found?.change} ${found?.reasons.join(' ')}`).not.toMatch(/one-two|four-five/);
  });
});
