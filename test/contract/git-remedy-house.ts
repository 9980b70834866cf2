import { join } from 'node:path';
import { createGit } from '../../src/adapters/git/git.ts';
import { createGithubCredentials } from '../../src/adapters/github/git-credentials.ts';
import { createGithub } from '../../src/adapters/github/github.ts';
import type { Service } from '../../src/domain/service.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { CodeHost } from '../../src/ports/code-host.ts';
import type { SourceControl } from '../../src/ports/source-control.ts';
import {
  type Scratch,
  type ScratchCommit,
  scratchService,
  scratchToken,
  startScratch,
} from './github-scratch.ts';
import type { RemedyScene } from './remedy-contract.ts';

/** Real git behind the local GitHub, and what remedies act on it with. */
export interface GitHouse {
  readonly scratch: Scratch;
  readonly source: SourceControl;
  readonly codeHost: CodeHost;
  treeOf(name: string): Promise<string>;
  mergesOn(name: string): Promise<string>;
  /** A repository of its own for one test of the common contract. */
  makeScene(
    commits: readonly ScratchCommit[],
    rest: (
      service: Service,
      shas: readonly string[],
    ) => Pick<RemedyScene, 'remedy' | 'params' | 'nonsense'> & {
      service?: Service;
    },
  ): Promise<RemedyScene>;
}

/** @param as how to sign in: with a personal token, or as the App, whose tokens are for one repository each */
export async function openGitHouse(as: 'token' | 'app' = 'token'): Promise<GitHouse> {
  const scratch = await startScratch();
  const { appId, installationId, privateKey } = scratch.github.app;
  const auth =
    as === 'token'
      ? { kind: 'token' as const, token: scratchToken }
      : { kind: 'app' as const, appId: String(appId), installationId: String(installationId), privateKey };
  const options = { apiUrl: scratch.github.apiUrl, auth };
  const credentials = createGithubCredentials(options);
  const source = createGit({ cacheDir: join(scratch.dir, 'cache'), credentials, log: silentLog });
  const codeHost = createGithub(options);
  const bare = (name: string): string => join(scratch.repositoriesDir, `${name}.git`);
  const treeOf = (name: string) => scratch.git(bare(name), 'rev-parse', 'main^{tree}');
  const secrets =
    as === 'token'
      ? [scratchToken, Buffer.from(`x-access-token:${scratchToken}`).toString('base64')]
      : ['ghs_', privateKey.trim().split('\n')[1] ?? privateKey];
  let number = 0;

  return {
    scratch,
    source,
    codeHost,
    treeOf,
    mergesOn: (name) => scratch.git(bare(name), 'rev-list', '--count', '--merges', 'main'),
    async makeScene(commits, rest) {
      number += 1;
      const name = `scene-${number}`;
      const shas = await scratch.makeRepository(name, commits);
      const service = scratchService(scratch, name);
      return {
        service,
        ...rest(service, shas),
        look: () => treeOf(name),
        async effects() {
          const pulls = await scratch.github.pullRequests(name);
          return pulls.filter((pull) => pull.merged && !pull.headRef.startsWith('warroom/undo-')).length;
        },
        async moveWorld() {
          await scratch.pushCommits(name, [{ message: 'Other', files: { 'other.txt': 'other\n' } }]);
        },
        async loseReply() {
          scratch.github.faults.add({ method: 'PUT', path: /merge$/, happens: 'lose-answer' });
        },
        secrets,
        async close() {
          scratch.github.faults.clear();
        },
      };
    },
  };
}
