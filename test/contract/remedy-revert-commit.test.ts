import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerJson } from '../../demo/local-github/router.ts';
import type { PlannedRemedy } from '../../src/domain/plan.ts';
import type { Service } from '../../src/domain/service.ts';
import { sha256 } from '../../src/platform/canonical-json.ts';
import type { CodeHost } from '../../src/ports/code-host.ts';
import type { Remedy } from '../../src/ports/remedy.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';
import { createRevertCommit } from '../../src/remedies/revert-commit/revert-commit.ts';
import { type GitHouse, openGitHouse } from './git-remedy-house.ts';
import { type Scratch, scratchService } from './github-scratch.ts';
import { describeRemedy, remedyContext } from './remedy-contract.ts';

const story = [
  { message: 'Start', files: { 'config.json': '{ "ttl": 24 }\n', 'a.txt': 'a\n' } },
  {
    message: 'Shorten the token lifetime',
    files: { 'config.json': '{ "ttl": 1 }\n', 'extra.txt': 'x\n' },
    author: 'Mallory <mallory@example.com>',
  },
  { message: 'Tidy up', files: { 'a.txt': 'b\n' } },
];

let house: GitHouse;
beforeAll(async () => {
  house = await openGitHouse();
});
afterAll(() => house.scratch.remove());

describeRemedy('revert-commit', () =>
  house.makeScene(story, (_service, [, fault = '']) => ({
    remedy: createRevertCommit(house),
    params: { commit: fault },
    nonsense: [{ commit: 'f'.repeat(40) }, { commit: `${fault}^` }, { commit: 'main' }],
  })),
);

describe('the revert-commit remedy, on real git and the local GitHub', () => {
  let scratch: Scratch;
  let remedy: Remedy;
  let source: SourceControl;
  let codeHost: CodeHost;
  let signal: AbortSignal;

  beforeEach(() => {
    signal = AbortSignal.timeout(55_000);
  });
  beforeAll(() => {
    ({ scratch, source, codeHost } = house);
    remedy = createRevertCommit(house);
  });
  afterEach(() => scratch.github.faults.clear());

  type Case = { service: Service; name: string; fault: string; head: string; faultTree: string };

  /** A repository whose second commit is the fault, with harmless ones after it. */
  async function makeCase(name: string): Promise<Case> {
    const shas = await scratch.makeRepository(name, story);
    return {
      service: scratchService(scratch, name),
      name,
      fault: shas[1] ?? '',
      head: shas[2] ?? '',
      faultTree: await house.treeOf(name),
    };
  }

  async function preview({ service, fault }: Case): Promise<PlannedRemedy> {
    const seen = await remedy.preview(service, { commit: fault }, signal);
    if (!seen.possible) throw new Error(seen.reason);
    return seen.planned;
  }

  const apply = (one: Case, planned: PlannedRemedy, context = remedyContext(one.name, 'apply')) =>
    remedy.apply(one.service, planned, context, signal);

  it('previews exactly what will change on the branch of today, and pins it', async () => {
    const one = await makeCase('preview');

    const seen = await remedy.preview(one.service, { commit: one.fault.slice(0, 12) }, signal);

    if (!seen.possible) throw new Error(seen.reason);
    expect(seen.facts.base).toBe('low');
    expect(seen.planned.params).toEqual({ commit: one.fault });
    expect(seen.planned.pins).toMatchObject({ base: one.head });
    expect(seen.planned.preview.diff).toContain('-{ "ttl": 1 }\n+{ "ttl": 24 }');
    expect(seen.planned.preview.diff).toContain('deleted file mode 100644');
    expect(seen.planned.preview.diff).not.toContain('b/a.txt');
    expect(seen.planned.preview.summary).toContain('Shorten the token lifetime');
    expect(await scratch.github.pullRequests('preview')).toEqual([]);
  });

  it('masks what looks like a credential, says so, and still merges the real bytes', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const shas = await scratch.makeRepository('masked', [
      { message: 'Start', files: { '.env': 'DB_PASSWORD=old-secret-77\nTTL=24\n', 'a.js': 'go(1);\n' } },
      {
        message: 'Fault',
        files: {
          '.env': 'DB_PASSWORD=hunter2hunter2\nTTL=1\n',
          'a.js': `go("${token}");\ntoken = read();\n-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n`,
        },
      },
    ]);
    const one = {
      service: scratchService(scratch, 'masked'),
      name: 'masked',
      fault: shas[1] ?? '',
      head: '',
      faultTree: '',
    };

    const planned = await preview(one);
    const applied = await apply(one, planned);

    const shown = JSON.stringify(planned);
    expect(shown).not.toMatch(/hunter2|old-secret|ghp_|MIIE/);
    expect(planned.preview.diff).toContain('-DB_PASSWORD=[masked]\n-TTL=1\n+DB_PASSWORD=[masked]\n+TTL=24');
    expect(planned.preview.diff).toContain('-go("[masked]");\n-token = read();\n-[private key]\n');
    expect(planned.preview.notes).toContain(
      'Values that look like credentials are masked; the digest covers the real ones.',
    );
    expect(applied).toMatchObject({ applied: true });
    expect(await scratch.fileOnMain('masked', '.env')).toContain('DB_PASSWORD=old-secret-77');
  });

  it('merges the approved revert through one pull request that says why', async () => {
    const one = await makeCase('happy');
    const planned = await preview(one);

    const applied = await apply(one, planned);

    const [pull, ...others] = await scratch.github.pullRequests('happy');
    expect(others).toEqual([]);
    expect(applied).toMatchObject({
      applied: true,
      receipt: {
        url: pull?.url,
        summary: `Reverted ${one.fault.slice(0, 7)} in happy. Pull request #${pull?.number} is merged.`,
        data: { number: pull?.number, merged: true, mergeSha: await scratch.mainSha('happy') },
      },
    });
    expect(await scratch.fileOnMain('happy', 'config.json')).toBe('{ "ttl": 24 }');
    expect(await scratch.fileOnMain('happy', 'a.txt')).toBe('b');
    expect(pull).toMatchObject({
      merged: true,
      headRef: expect.stringMatching(`^warroom/revert-${sha256('happy').slice(0, 12)}-[0-9a-f]{8}$`),
      title: 'Revert "Shorten the token lifetime"',
    });
    expect(pull?.body).toContain('Evidence 12');
    expect(pull?.body).toContain(sha256('happy'));
    expect(pull?.body).toContain('https://warroom.example/incidents/1');
    expect(pull?.body).not.toMatch(/@everyone|#1\b|<img/);
    const bare = join(scratch.repositoriesDir, 'happy.git');
    expect(await scratch.git(bare, 'log', '-1', '--format=%B', 'main^2')).toContain(
      `This reverts commit ${one.fault}.`,
    );
  });

  it('says why a commit cannot be reverted: overlap, already undone, unknown, not a sha', async () => {
    const one = await makeCase('impossible');
    const ask = (commit: string) => remedy.preview(one.service, { commit }, signal);

    expect(await ask('f'.repeat(40))).toMatchObject({ possible: false });
    expect(await ask('--help')).toMatchObject({ possible: false });
    await scratch.pushCommits('impossible', [
      { message: 'Half', files: { 'config.json': '{ "ttl": 12 }\n' } },
    ]);
    const overlap = await ask(one.fault);
    expect(overlap.possible ? '' : overlap.reason).toContain('config.json');
    await scratch.pushCommits('impossible', [
      { message: 'By hand', files: { 'config.json': '{ "ttl": 24 }\n', 'extra.txt': null } },
    ]);
    const undone = await ask(one.fault);
    expect(undone.possible ? '' : undone.reason).toContain('already undone');
  });

  it('does nothing when the branch has moved since the approval', async () => {
    const one = await makeCase('moved');
    const planned = await preview(one);
    const [now] = await scratch.pushCommits('moved', [{ message: 'Other', files: { 'c.txt': 'c\n' } }]);

    const applied = await apply(one, planned);

    expect(applied).toMatchObject({ applied: false });
    expect(applied.applied ? '' : applied.reason).toContain('has moved');
    expect(await scratch.mainSha('moved')).toBe(now);
    expect(await scratch.github.pullRequests('moved')).toEqual([]);
  });

  it('withdraws its open pull request when the branch moves between two attempts', async () => {
    const one = await makeCase('moved-later');
    const planned = await preview(one);
    const down = answerJson(503, { message: 'down' });
    scratch.github.faults.add({ method: 'PUT', path: /merge$/, happens: down, times: 99 });
    await expect(apply(one, planned)).rejects.toMatchObject({ code: 'source_unreachable' });
    scratch.github.faults.clear();
    await scratch.pushCommits('moved-later', [{ message: 'Other', files: { 'c.txt': 'c\n' } }]);

    const applied = await apply(one, planned);

    expect(applied).toMatchObject({ applied: false });
    expect(await scratch.github.pullRequests('moved-later')).toMatchObject([
      { state: 'closed', merged: false },
    ]);
    expect(await scratch.fileOnMain('moved-later', 'config.json')).toBe('{ "ttl": 1 }');
  });

  it('merges nothing when the branch moves after its pull request was opened', async () => {
    const one = await makeCase('moved-last');
    const planned = await preview(one);
    let now: string | undefined;
    const moving: CodeHost = {
      ...codeHost,
      async openPullRequest(...request) {
        const pull = await codeHost.openPullRequest(...request);
        [now] = await scratch.pushCommits('moved-last', [{ message: 'Other', files: { 'c.txt': 'c\n' } }]);
        return pull;
      },
    };
    const racing = createRevertCommit({ source, codeHost: moving });

    const applied = await racing.apply(one.service, planned, remedyContext(one.name, 'apply'), signal);

    expect(applied.applied ? '' : applied.reason).toContain('has moved');
    expect(await scratch.mainSha('moved-last')).toBe(now);
    expect(await scratch.github.pullRequests('moved-last')).toMatchObject([
      { state: 'closed', merged: false },
    ]);
  });

  it('says so when a push got by in the moment of the merge', async () => {
    const one = await makeCase('pushed-between');
    const planned = await preview(one);
    let now: string | undefined;
    const late: CodeHost = {
      ...codeHost,
      async merge(service, number, expected, abort) {
        const other = [{ message: 'Other', files: { 'c.txt': 'c\n' } }];
        [now] = await scratch.pushCommits('pushed-between', other);
        return codeHost.merge(service, number, { ...expected, base: null }, abort);
      },
    };
    const racing = createRevertCommit({ source, codeHost: late });

    const applied = await racing.apply(one.service, planned, remedyContext(one.name, 'apply'), signal);

    const said = applied.applied ? applied.receipt.summary : applied.reason;
    expect(said).toContain(`It landed on ${now?.slice(0, 7)}, not on ${one.head.slice(0, 7)}`);
    expect(await apply(one, planned)).toEqual(applied);
  });

  it('does nothing when the change is not the one that was shown', async () => {
    const one = await makeCase('tampered');
    const planned = await preview(one);
    const shown = { ...planned.preview, diff: planned.preview.diff.replace('24', '25') };

    expect(await apply(one, { ...planned, preview: shown })).toMatchObject({ applied: false });
    const pins = { ...planned.pins, result: sha256('something else') };
    expect(await apply(one, { ...planned, pins })).toMatchObject({ applied: false });
    expect(await scratch.mainSha('tampered')).toBe(one.head);
    expect(await scratch.github.pullRequests('tampered')).toEqual([]);
  });

  it.each([
    ['branch', 'POST', /git\/refs$/],
    ['pull request', 'POST', /pulls$/],
    ['merge', 'PUT', /merge$/],
    ['clean-up', 'DELETE', /git\/refs\//],
  ])('acts once when the process dies after the %s was made', async (what, method, path) => {
    const name = `dies-${what.replace(/\W/, '-')}`;
    const one = await makeCase(name);
    const planned = await preview(one);
    const dying = new AbortController();
    const onHit = () => dying.abort(new Error('killed'));
    scratch.github.faults.add({ method, path, happens: 'lose-answer', onHit });
    const first = await remedy.apply(one.service, planned, remedyContext(name, 'apply'), dying.signal).then(
      () => 'answered',
      (error: Error) => error.message,
    );

    const second = await apply(one, planned);
    const third = await apply(one, planned);

    // the branch is removed after the merge has its answer: dying there loses nothing
    expect(first).toBe(what === 'clean-up' ? 'answered' : 'killed');
    expect(second).toMatchObject({ applied: true });
    expect(third).toEqual(second);
    expect(await scratch.github.pullRequests(name)).toMatchObject([{ merged: true }]);
    expect(await house.mergesOn(name)).toBe('1');
    expect(await scratch.fileOnMain(name, 'config.json')).toBe('{ "ttl": 24 }');
  });

  it('acts once when two processes run the same plan together', async () => {
    const one = await makeCase('together');
    const planned = await preview(one);

    const results = await Promise.all([apply(one, planned), apply(one, planned)]);

    expect(results).toMatchObject([{ applied: true }, { applied: true }]);
    expect(await scratch.github.pullRequests('together')).toMatchObject([{ merged: true }]);
    expect(await house.mergesOn('together')).toBe('1');
  });

  it('does not fight a person who closed its pull request', async () => {
    const one = await makeCase('closed');
    const planned = await preview(one);
    const down = answerJson(503, { message: 'down' });
    scratch.github.faults.add({ method: 'PUT', path: /merge$/, happens: down, times: 99 });
    await expect(apply(one, planned)).rejects.toThrow('GitHub');
    scratch.github.faults.clear();
    const [{ headRef: branch } = { headRef: '' }] = await scratch.github.pullRequests('closed');
    const bare = join(scratch.repositoriesDir, 'closed.git');
    await scratch.git(bare, 'update-ref', '-d', `refs/heads/${branch}`);
    await scratch.github.sync('closed');

    const applied = await apply(one, planned);

    expect(applied.applied ? '' : applied.reason).toContain('closed by somebody');
    expect(await scratch.mainSha('closed')).toBe(one.head);
  });

  it('undoes the fix and restores the tree exactly, once', async () => {
    const one = await makeCase('undo');
    const planned = await preview(one);
    const inverse = await remedy.inverse(one.service, planned, signal);
    const applied = await apply(one, planned);
    if (!applied.applied) throw new Error(applied.reason);
    const fixedTree = await house.treeOf('undo');
    scratch.github.faults.add({ method: 'PUT', path: /merge$/, happens: 'lose-answer' });

    const undo = () =>
      remedy.undo(one.service, inverse, applied.receipt, remedyContext('undo', 'undo'), signal);
    const undone = await undo();
    const again = await undo();

    expect(fixedTree).not.toBe(one.faultTree);
    expect(undone).toMatchObject({ applied: true });
    expect(again).toEqual(undone);
    expect(await house.treeOf('undo')).toBe(one.faultTree);
    expect(await scratch.github.pullRequests('undo')).toMatchObject([{ merged: true }, { merged: true }]);
    expect(await house.mergesOn('undo')).toBe('2');
  });

  it('undoes the fix under commits that others made since, and keeps those', async () => {
    const one = await makeCase('undo-later');
    const planned = await preview(one);
    const inverse = await remedy.inverse(one.service, planned, signal);
    const applied = await apply(one, planned);
    if (!applied.applied) throw new Error(applied.reason);
    await scratch.pushCommits('undo-later', [{ message: 'Others', files: { 'c.txt': 'c\n' } }]);

    const undone = await remedy.undo(
      one.service,
      inverse,
      applied.receipt,
      remedyContext('undo-later', 'undo'),
      signal,
    );

    expect(undone).toMatchObject({ applied: true });
    expect(await scratch.fileOnMain('undo-later', 'config.json')).toBe('{ "ttl": 1 }');
    expect(await scratch.fileOnMain('undo-later', 'c.txt')).toBe('c');
  });

  it('says so when later changes overlap with the fix and it cannot be undone by machine', async () => {
    const one = await makeCase('undo-conflict');
    const planned = await preview(one);
    const inverse = await remedy.inverse(one.service, planned, signal);
    const applied = await apply(one, planned);
    if (!applied.applied) throw new Error(applied.reason);
    await scratch.pushCommits('undo-conflict', [
      { message: 'Tune', files: { 'config.json': '{ "ttl": 48 }\n' } },
    ]);

    const undone = await remedy.undo(
      one.service,
      inverse,
      applied.receipt,
      remedyContext('undo-conflict', 'undo'),
      signal,
    );

    expect(undone.applied ? '' : undone.reason).toContain('config.json');
    expect(await scratch.fileOnMain('undo-conflict', 'config.json')).toBe('{ "ttl": 48 }');
  });
});
