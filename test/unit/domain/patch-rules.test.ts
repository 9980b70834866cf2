import { describe, expect, it } from 'vitest';
import { isAboutAccess, whyCheckRefused, whyModelPatchRefused } from '../../../src/domain/patch-rules.ts';

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
    [
      'a library’s place',
      ['src/price.js', 'test/node_modules/supertest/index.js'],
      /stands before a library/,
    ],
    ['what is vendored', ['src/price.js', 'vendor/github.com/x/y_test.go'], /stands before a library/],
    ['what stands in for a library', ['src/price.js', 'test/__mocks__/a.test.js'], /stands before a library/],
    ['an environment', ['src/price.js', 'test/.env'], /loaded by itself/],
    ['an environment of a kind', ['src/price.js', '.env.test'], /loaded by itself/],
    ['a file that is not shown', ['src/price.js', 'test/.taprc'], /loaded by itself/],
    ['what is set up', ['src/price.js', 'test/setup.js'], /loaded by itself/],
    ['what is set up once', ['src/price.js', '__tests__/globalSetup.js'], /loaded by itself/],
    ['what is set up for jest', ['src/price.js', 'src/setupTests.ts'], /loaded by itself/],
    ['a module beside the tests', ['src/price.js', 'tests/requests.py'], /named as tests/],
    ['a file that the blamed commit did not touch', ['src/price.js', 'src/cart.js'], /did not touch/],
  ])('may not change %s', (_, paths, why) => {
    expect(refusal(paths)).toMatch(why);
  });

  const added = (path: string, line: string) =>
    [
      `diff --git a/${path} b/${path}`,
      `--- a/${path}`,
      `+++ b/${path}`,
      '@@ -1 +1,2 @@',
      ' old',
      `+${line}`,
      '',
    ].join('\n');
  const whyLine = (line: string, path = 'src/price.js') =>
    whyModelPatchRefused({ paths: ['src/price.js'], diff: added(path, line) }, known, ['src/price.js']);

  it.each([
    ['if (process.env.NODE_TEST_CONTEXT) total = 15;', /whether tests run it/],
    ["const tried = 'JEST_WORKER_ID' in process.env;", /whether tests run it/],
    ['if (process.env.VITEST) return 15;', /whether tests run it/],
    ["if 'PYTEST_CURRENT_TEST' in os.environ:", /whether tests run it/],
    ['if os.Getenv("GO_TEST") != "" {', /whether tests run it/],
    ['if testing.Testing() {', /whether tests run it/],
    ["if (process.env.NODE_ENV === 'test') return 15;", /whether tests run it/],
    ['process.exit(0);', /end the process/],
    ["globalThis['process'].kill(1);", /end the process/],
    ['const { exit } = process;', /end the process/],
    ['os._exit(0)', /end the process/],
    ['os.Exit(0)', /end the process/],
  ])('may not add “%s” to what serves', (line, why) => {
    expect(whyLine(line)).toMatch(why);
  });

  it('may say so in a test, and hides no added line behind what looks like a header', () => {
    expect(whyLine('assert.ok(process.env.NODE_TEST_CONTEXT);', 'test/new.test.js')).toBeNull();
    expect(whyLine('++ b/test/new.test.js\n+process.exit(0);')).toMatch(/end the process/);
    expect(whyLine('const processed = orders.filter(isOpen); // exits early')).toBeNull();
  });

  it.each([
    ['the service’s tests', ['npm', 'test']],
    ['a test that it adds', ['npm', 'test', 'test/new.test.js']],
    ['a test that is there', ['npm', 'test', 'test/price.test.js']],
  ])('may be checked by %s', (_, check) => {
    expect(whyCheckRefused(check, ['npm', 'test'], known, ['test/new.test.js'])).toBeNull();
  });

  it.each([
    [['npm', 'exec', 'x'], /has to begin with “npm test”/],
    [['npm'], /has to begin with/],
    [['npm', 'test', '-e', 'process.exit(1)'], /names “-e”/],
    [['npm', 'test', '--', '--import', './src/price.js'], /names “--”/],
    [['npm', 'test', '--require=./test/new.test.js'], /only test files/],
    [['npm', 'test', 'src/price.js'], /only test files/],
    [['npm', 'test', 'test/absent.test.js'], /only test files/],
    [['npm', 'test', 'test/new.test.js; true'], /only test files/],
  ])('may not be checked by %j', (check, why) => {
    expect(whyCheckRefused(check, ['npm', 'test'], known, ['test/new.test.js', 'src/price.js'])).toMatch(why);
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
