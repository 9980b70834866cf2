import { describe, expect, it } from 'vitest';
import type { Commit, FileChange } from '../../../src/ports/source-control.ts';
import { judgePatch } from '../../../src/remedies/pull-request/risk.ts';
import { judgeRevert } from '../../../src/remedies/revert-commit/risk.ts';
import { digestChanges } from '../../../src/remedies/shared-git/digest-changes.ts';

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
  const small = {
    commit: makeCommit(),
    changes: [makeChange('src/a.ts')],
    diff: '-old\n+new\n',
    overlapping: [],
  };

  it('is low for a small change that nothing has touched since', () => {
    expect(judgeRevert(small)).toMatchObject({ base: 'low', reversible: 'exact' });
  });

  it.each([
    'db/migrate/001_users.rb',
    'schema.sql',
    '.github/workflows/ci.yml',
    'infra/main.tf',
    'Dockerfile',
    'package-lock.json',
    'Cargo.lock',
    'package.json',
    'requirements-prod.txt',
  ])('is high where old state may not fit the present: %s', (path) => {
    expect(judgeRevert({ ...small, changes: [makeChange(path)] }).base).toBe('high');
  });

  it('is medium for a merge, for overlap with later commits, and for more than a few files', () => {
    const overlapping = [makeCommit({ files: [{ path: 'src/a.ts', added: 1, removed: 0 }] })];
    const many = Array.from({ length: 6 }, (_, index) => makeChange(`src/${index}.ts`));

    expect(judgeRevert({ ...small, commit: makeCommit({ parents: ['b', 'c'] }) }).base).toBe('medium');
    expect(judgeRevert({ ...small, overlapping })).toMatchObject({
      base: 'medium',
      reasons: ['1 commit since then touched the same files'],
    });
    expect(judgeRevert({ ...small, changes: many }).base).toBe('medium');
  });

  it('is low for tests and documents alone, whatever their size', () => {
    const changes = [makeChange('test/a.test.ts'), makeChange('docs/run.md'), makeChange('pkg/b_test.go')];

    expect(judgeRevert({ ...small, changes, diff: '+line\n'.repeat(5_000) }).base).toBe('low');
    const withCode = [...changes, makeChange('src/a.ts')];
    expect(judgeRevert({ ...small, changes: withCode, diff: '+line\n'.repeat(5_000) }).base).toBe('high');
  });

  it.each(['src/docs/router.js', 'spec/openapi.yaml'])('does not take %s for a document', (path) => {
    expect(judgePatch({ changes: [makeChange(path)], diff: '+x\n' }, false).base).toBe('high');
  });

  it('is high for a change that nobody reads whole', () => {
    expect(judgeRevert({ ...small, diff: '+line\n'.repeat(1_001) }).base).toBe('high');
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
