import { describe, expect, it } from 'vitest';
import {
  findDependencyChanges,
  sayDependency,
} from '../../../../src/analysis/culprits/dependency-changes.ts';
import { parseDiff } from '../../../../src/analysis/culprits/parse-diff.ts';
import { rankCommits } from '../../../../src/analysis/culprits/rank-commits.ts';
import { indexSource } from '../../../../src/analysis/culprits/source-index.ts';
import type { Symptoms } from '../../../../src/analysis/culprits/symptoms.ts';

const diffOf = (path: string, ...lines: string[]) =>
  parseDiff(
    [
      `diff --git a/${path} b/${path}`,
      `--- a/${path}`,
      `+++ b/${path}`,
      '@@ -1,4 +1,4 @@',
      ...lines,
      '',
    ].join('\n'),
  );
const bump = diffOf(
  'package.json',
  ' "dependencies": {',
  '-    "pg": "8.11.0",',
  '+    "pg": "9.0.1",',
  '     "zod": "4.0.0"',
);

describe('libraries that a commit changed', () => {
  it.each([
    [
      'package.json',
      ['-  "version": "1.2.0",', '+  "version": "1.3.0",', '-    "pg": "^8.11.0",', '+    "pg": "^9.0.1",'],
      '`pg` ^8.11.0 → ^9.0.1',
    ],
    ['package.json', ['+    "@acme/till": "~2.0.0",'], '`@acme/till` (new, ~2.0.0)'],
    ['package.json', ['-    "test": "node --test",', '+    "test": "vitest run",'], ''],
    [
      'package-lock.json',
      [
        '-      "resolved": "https://registry.npmjs.org/@acme/till/-/till-2.0.0.tgz",',
        '+      "resolved": "https://registry.npmjs.org/@acme/till/-/till-2.1.0-rc.1.tgz",',
      ],
      '`@acme/till` 2.0.0 → 2.1.0-rc.1',
    ],
    [
      'requirements.txt',
      ['-requests[socks]==2.31.0', '+requests[socks]==2.32.3'],
      '`requests` 2.31.0 → 2.32.3',
    ],
    [
      'go.mod',
      ['-\tgithub.com/jackc/pgx/v5 v5.5.0', '+\tgithub.com/jackc/pgx/v5 v5.6.0 // indirect'],
      '`github.com/jackc/pgx/v5` v5.5.0 → v5.6.0',
    ],
    ['Cargo.toml', ['-tokio = { version = "1.36.0", features = ["full"] }'], '`tokio` (1.36.0, removed)'],
    ['src/package.js', ['-    "pg": "8.11.0",', '+    "pg": "9.0.1",'], ''],
  ])('are read from %s', (path, lines, said) => {
    expect(
      findDependencyChanges(diffOf(path, ...lines))
        .map(sayDependency)
        .join(),
    ).toBe(said);
  });
});

describe('a commit that changes a library', () => {
  const symptoms = (change: Partial<Symptoms>): Symptoms => ({
    onset: 1000,
    alertedAt: 1060,
    kinds: new Map([['errors', 1]]),
    texts: [
      { text: 'TypeError: client.escapeIdentifier is not a function', weight: 1, source: 'error text' },
    ],
    frames: [],
    operations: [],
    healthyOperations: [],
    numbers: [],
    slowdownMs: null,
    peers: [],
    releases: [],
    ...change,
  });
  const commit = (sha: string, files: ReturnType<typeof diffOf>) => ({
    sha,
    subject: 'Update',
    body: '',
    author: 'Ada',
    committedAt: 900,
    files,
  });
  const commits = [
    commit('a'.repeat(40), diffOf('config/page.json', '-  "pageLength": 20', '+  "pageLength": 21')),
    commit('b'.repeat(40), bump),
  ];

  it('is named with both versions where the stack goes through the library', () => {
    const [best] = rankCommits(commits, symptoms({ libraries: ['pg'] }), indexSource([]));

    expect(best?.commit.sha).toBe('b'.repeat(40));
    expect(best?.change).toBe('changed `pg` 8.11.0 → 9.0.1');
    expect(best?.reasons[0]).toBe(
      'changes the library `pg` 8.11.0 → 9.0.1, which the stack trace goes through',
    );
    expect(best?.score).toBeGreaterThan(0.5);
  });

  it('says little by itself', () => {
    const alone = rankCommits(commits, symptoms({}), indexSource([])).find((one) =>
      one.commit.sha.startsWith('b'),
    );

    expect(alone?.score).toBeGreaterThan(0.1);
    expect(alone?.score).toBeLessThan(0.45);
  });
});
