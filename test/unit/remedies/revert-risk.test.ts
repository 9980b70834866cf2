import { describe, expect, it } from 'vitest';
import type { Commit, FileChange } from '../../../src/ports/source-control.ts';
import { digestChanges } from '../../../src/remedies/revert-commit/digest-changes.ts';
import { assessRisk } from '../../../src/remedies/revert-commit/risk.ts';

const at = new Date('2026-01-01T00:00:00Z');

function makeCommit(over: Partial<Commit> = {}): Commit {
  const times = { authoredAt: at, committedAt: at };
  return {
    sha: 'a'.repeat(40),
    subject: 's',
    body: '',
    author: 'Ada',
    ...times,
    parents: ['b'],
    files: [],
    ...over,
  };
}

function makeChange(path: string, text: string | null = 'x'): FileChange {
  return { path, mode: '100644', content: text === null ? null : Buffer.from(text) };
}

describe('the risk of a revert', () => {
  const small = { commit: makeCommit(), changes: [makeChange('src/a.ts')], diff: '-old\n+new\n', later: [] };

  it('is low for a small change that nothing has touched since', () => {
    expect(assessRisk(small)).toMatchObject({ class: 'low' });
  });

  it.each([
    'db/migrate/001_users.rb',
    'schema.sql',
    '.github/workflows/ci.yml',
    'infra/main.tf',
    'Dockerfile',
  ])('is high where old state may not fit the present: %s', (path) => {
    expect(assessRisk({ ...small, changes: [makeChange(path)] }).class).toBe('high');
  });

  it('is medium for a merge, for overlap with later commits, and for more than a few files', () => {
    const later = [makeCommit({ files: [{ path: 'src/a.ts', added: 1, removed: 0 }] })];
    const many = Array.from({ length: 6 }, (_, index) => makeChange(`src/${index}.ts`));

    expect(assessRisk({ ...small, commit: makeCommit({ parents: ['b', 'c'] }) }).class).toBe('medium');
    expect(assessRisk({ ...small, later })).toMatchObject({
      class: 'medium',
      reasons: ['1 commit since then touched the same files'],
    });
    expect(assessRisk({ ...small, changes: many }).class).toBe('medium');
  });

  it('is high for a change that nobody reads whole', () => {
    expect(assessRisk({ ...small, diff: '+line\n'.repeat(1_001) }).class).toBe('high');
  });
});

describe('the digest of a set of changes', () => {
  it('does not depend on order, and differs by path, mode, bytes and deletion', () => {
    const a = makeChange('a', '1');
    const b = makeChange('b', '2');
    const digests = [
      [a, b],
      [makeChange('a', '2'), b],
      [makeChange('c', '1'), b],
      [{ ...a, mode: '100755' as const }, b],
      [makeChange('a', null), b],
      [makeChange('a', ''), b],
      [a],
    ].map(digestChanges);

    expect(digestChanges([b, a])).toBe(digests[0]);
    expect(new Set(digests).size).toBe(digests.length);
  });
});
