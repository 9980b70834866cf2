import { describe, expect, it } from 'vitest';
import { isAboutAccess, whyModelPatchRefused } from '../../../src/domain/patch-rules.ts';

const known = new Set(['src/price.js', 'src/cart.js', 'test/price.test.js', 'package.json']);
const refusal = (paths: string[], broken: string[] | null = ['src/price.js']) =>
  whyModelPatchRefused({ paths, diff: '+ok\n' }, known, broken);

describe('a patch that a model wrote', () => {
  it.each([
    ['the file that broke', ['src/price.js']],
    ['that file and a new test', ['src/price.js', 'test/price-again.test.js']],
    ['that file and a document', ['src/price.js', 'README.md']],
  ])('may change %s', (_, paths) => {
    expect(refusal(paths)).toBeNull();
  });

  it.each([
    ['a test that is there', ['src/price.js', 'test/price.test.js'], /because a test was changed/],
    ['tests alone', ['test/new.test.js'], /repairs nothing/],
    ['documents alone', ['README.md'], /repairs nothing/],
    ['what is installed', ['src/price.js', 'package.json'], /how tests run/],
    ['a lock file', ['src/price.js', 'pnpm-lock.yaml'], /how tests run/],
    ['how tests run', ['src/price.js', 'vitest.config.ts'], /how tests run/],
    ['what pytest loads by itself', ['src/price.js', 'tests/conftest.py'], /how tests run/],
    ['the build pipeline', ['src/price.js', '.github/workflows/ci.yml'], /build pipeline/],
    ['hooks', ['src/price.js', '.husky/pre-commit'], /build pipeline/],
    ['who reviews', ['src/price.js', 'CODEOWNERS'], /build pipeline/],
    ['a file that the blamed commit did not touch', ['src/price.js', 'src/cart.js'], /did not touch/],
  ])('may not change %s', (_, paths, why) => {
    expect(refusal(paths)).toMatch(why);
  });

  it('may repair any file where no commit is blamed', () => {
    expect(refusal(['src/cart.js'], null)).toBeNull();
  });

  it.each([
    ['src/auth/token.js', true],
    ['lib/session-store.ts', true],
    ['app/permissions.py', true],
    ['src/author.js', false],
    ['test/auth.test.js', false],
    ['docs/auth.md', false],
    ['src/price.js', false],
  ])('of %s is about who may do what: %s', (path, about) => {
    expect(isAboutAccess(path)).toBe(about);
  });
});
