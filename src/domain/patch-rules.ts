/** A change as rules look at it. */
export interface PatchFacts {
  readonly paths: readonly string[];
  /** Unified diff. */
  readonly diff: string;
}

/** Files that decide what runs elsewhere, or who has to look: a patch from a model or a chat does not change them. */
const offLimits =
  /^\.github\/|(^|\/)(\.gitmodules|\.gitattributes|CODEOWNERS|\.gitlab-ci[^/]*|Jenkinsfile|azure-pipelines[^/]*|bitbucket-pipelines\.yml|\.travis\.yml|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.c?js|\.pre-commit-config\.yaml)$|(^|\/)(\.circleci|\.buildkite|\.woodpecker|\.drone\.yml|\.ci|\.husky)(\/|$)|(^|\/)\.git(\/|$)/i;

/** What is installed, and what decides how tests run: with it, a check can be made to say anything. */
const harness =
  /(^|\/)(package(-lock)?\.json|npm-shrinkwrap\.json|[^/]+\.lock|pnpm-lock\.yaml|bun\.lockb|go\.(mod|sum)|packages\.lock\.json|pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|Cargo\.toml|pom\.xml|build\.gradle(\.kts)?|Makefile|conftest\.py|pytest\.ini|tox\.ini|sitecustomize\.py|(jest|vitest|vite|mocha|ava|karma|playwright|babel)\.[\w.]*config[\w.]*|jest\.setup[\w.]*|\.mocharc[\w.]*|\.nycrc[\w.]*|\.babelrc[\w.]*|tsconfig[\w.]*\.json|Dockerfile[\w.]*)$/i;

/** What a runner or a program loads by itself, and what stands before a library of the same name. */
const loaded =
  /(^|\/)(node_modules|bower_components|vendor|site-packages|__mocks__)\/|(^|\/)\.[^/]|(^|\/)((jest|vitest|mocha|test|tests|karma|global)[-_.]?)*(set-?up|tear-?down)([-_.]?(files?|env|after-?env|tests?|jest|vitest|mocha|global))*\.\w+$|(^|\/)(conftest|usercustomize|sitecustomize)\.\w+$/i;

/** A file beside the tests that is none is read by them, or stands before a library. */
const namedAsTest = /(^|\/)test_[^/]+\.py$|[._-](test|spec)\.\w+$|[a-z0-9]Tests?\.(java|kt|scala|cs|groovy)$/;

/** How code learns that tests run it. */
const askedUnderTest =
  /NODE_TEST_CONTEXT|NODE_TEST_WORKER_ID|JEST_WORKER_ID|\bVITEST|import\.meta\.vitest|PYTEST_|['"]pytest['"]|\bunittest\b|GO_TEST|GOCOVERDIR|\btesting\.Testing\(|flag\.Lookup\(|['"`]-?test\.v|MOCHA_|AVA_PATH|SUREFIRE|npm_lifecycle_|npm_command|(NODE|RAILS|RACK|APP|GO)_ENV\b.*\btest|\btest.*(NODE|RAILS|RACK|APP|GO)_ENV\b|\b(process\.)?exec[Aa]rgv\b/;

/** Ends a run before its tests have said anything. */
const endsTheRun =
  /\bprocess\s*\??\.\s*(exit|reallyExit|abort|kill)\b|\bprocess\s*(\?\.)?\[|\}\s*=\s*process\b|['"](node:)?process['"]|\bos\s*\.\s*(_exit|abort|kill|Exit)\b|\bsys\.exit\b|\bsyscall\.(Exit|Kill)\b|\bSystem\.exit\b|\bRuntime\.getRuntime\b|\bprocess::(exit|abort)\b|\bEnvironment\.(Exit|FailFast)\b/;

/** Nothing that serves a request. A folder `docs` or `spec` may well hold code that does: there the file has to say it. */
const test = /(^|\/)(tests?|__tests__)\/|\.(test|spec)\.\w+$|_test\.(go|py)$|(^|\/)test_[^/]+\.py$/i;
const text = /\.(md|rst|adoc)$/i;

/** Who may do what: a mistake there is seen by nobody but who looks for it. */
const access =
  /(^|[/_.-])(auth|auth[nz]|authentic\w*|authoriz\w*|authoris\w*|login|log-?in|passwords?|credentials?|tokens?|sessions?|permissions?|acl|rbac|polic(y|ies)|roles?|crypto|signatures?|oauth\w*|jwt|sso|csrf|cors)([/_.-]|$)/i;

/** What an editor does not show: controls, marks without width, text that runs backwards, other line ends. */
const unseen = /[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

const manyFiles = 30;

export function isTest(path: string): boolean {
  return test.test(path);
}

export function isAboutAccess(path: string): boolean {
  return access.test(path) && !isTest(path) && !text.test(path);
}

/** Why a patch is not taken, whatever its tests say; null when nothing speaks against it. */
export function whyRefused({ paths, diff }: PatchFacts): string | null {
  const forbidden = paths.filter((path) => offLimits.test(path));
  if (forbidden.length > 0)
    return `it changes ${nameSome(forbidden)}: the build pipeline and who reviews are not changed from a war room.`;
  if (paths.length > manyFiles)
    return `it changes ${paths.length} files; ${manyFiles} are the most that somebody can review here.`;
  if (paths.some((path) => /\p{Cc}/u.test(path) || unseen.test(path)))
    return 'it names files with characters that nobody can see.';
  for (const line of diff.split('\n'))
    if (line.startsWith('+') && unseen.test(line.replace(/\r$/, '')))
      return 'it adds characters that nobody can see, so that the diff would not show what it does.';
  return null;
}

/**
 * The same for a patch that a model wrote, which has read what anybody could write. Its check proves something only while it
 * cannot choose what the check looks at: tests that are there, what is installed and how tests run stay as they are, and it
 * repairs only files that the blamed commit changed.
 * @param known paths in the tree that it is made for
 * @param broken paths that the blamed commit changed; null: no commit is blamed
 */
export function whyModelPatchRefused(
  facts: PatchFacts,
  known: ReadonlySet<string>,
  broken: readonly string[] | null,
): string | null {
  const refused = whyRefused(facts);
  if (refused !== null) return refused;
  const { paths } = facts;
  const steering = paths.filter((path) => harness.test(path));
  if (steering.length > 0)
    return `it changes ${nameSome(steering)}: what is installed and how tests run is not changed by an agent.`;
  const shadows = paths.filter((path) => loaded.test(path));
  if (shadows.length > 0)
    return `it changes ${nameSome(shadows)}: what is loaded by itself or stands before a library decides what tests see.`;
  const weakened = paths.filter((path) => isTest(path) && known.has(path));
  if (weakened.length > 0)
    return `it changes ${nameSome(weakened)}: a check that passes because a test was changed proves nothing.`;
  const helping = paths.filter((path) => isTest(path) && !text.test(path) && !namedAsTest.test(path));
  if (helping.length > 0)
    return `it adds ${nameSome(helping)} to the tests: only files that are named as tests are added there.`;
  const serving = paths.filter(isServing);
  if (serving.length === 0) return 'it changes tests and documents alone, which repairs nothing.';
  const beside = broken === null ? [] : serving.filter((path) => !broken.includes(path));
  if (beside.length > 0)
    return `it changes ${nameSome(beside)}, which the blamed commit did not touch: a wider fix is for people to ask for.`;
  for (const line of addedToServing(facts.diff)) {
    if (askedUnderTest.test(line))
      return 'it adds code that asks whether tests run it, so that a check says nothing of how it serves.';
    if (endsTheRun.test(line))
      return 'it adds code that can end the process, and with it the tests before they have said anything.';
  }
  return null;
}

/**
 * Why the check of a model's patch is not run: it is the service's test command, with test files after it or none. A program
 * text, a module or an option of the model's own would be the proof and the judge at once.
 * @param added paths that the patch adds or changes
 */
export function whyCheckRefused(
  check: readonly string[],
  testCommand: readonly string[],
  known: ReadonlySet<string>,
  added: readonly string[],
): string | null {
  if (testCommand.length === 0) return 'the catalogue names no test command to try it with.';
  if (testCommand.some((argument, index) => check[index] !== argument))
    return `its check has to begin with “${testCommand.join(' ')}”, as the service's tests do.`;
  const strange = check
    .slice(testCommand.length)
    .find(
      (path) =>
        path.startsWith('-') ||
        !isTest(path) ||
        loaded.test(path) ||
        !(known.has(path) || added.includes(path)),
    );
  return strange === undefined
    ? null
    : `its check names “${strange}”: after the test command only test files may follow.`;
}

function isServing(path: string): boolean {
  return !isTest(path) && !text.test(path);
}

/** Lines added to files that serve; a file whose name cannot be read is taken for one. */
function addedToServing(diff: string): string[] {
  const added: string[] = [];
  let [inHeader, serves] = [false, true];
  for (const line of diff.split('\n')) {
    // No line of a change itself begins so: those begin with a space, + or -.
    if (line.startsWith('diff --git ')) [inHeader, serves] = [true, true];
    else if (line.startsWith('@@')) inHeader = false;
    else if (inHeader) serves = line.startsWith('+++ b/') ? isServing(line.slice(6).trim()) : serves;
    else if (serves && line.startsWith('+')) added.push(line.slice(1));
  }
  return added;
}

const namedMax = 8;

function nameSome(paths: readonly string[]): string {
  const rest = paths.length - namedMax;
  return `${paths.slice(0, namedMax).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
