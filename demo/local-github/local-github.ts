import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { answerRequest } from './answer-request.ts';
import { bareRepositoryExists, openBareGit, requireMergeTree } from './bare-git.ts';
import { createCredentials } from './credentials.ts';
import { type GithubApp, startEmulatedGithub } from './emulated-github.ts';
import type { FrontDoor } from './front-door.ts';
import { openRepository, type Repository } from './repository.ts';
import { type Answer, type ApiRequest, answerText, GithubRefusal } from './router.ts';
import { followBranches, settlePulls } from './settle-pulls.ts';
import { createWireFaults, type WireFaults } from './wire-faults.ts';

export type LocalPullRequest = {
  number: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  merged: boolean;
  headRef: string;
  headSha: string;
  baseRef: string;
  mergeSha: string | null;
  url: string;
};

/**
 * A GitHub for one machine. Git is real and is the only record of commits, branches and files: clone, push and the REST
 * git endpoints all work on the same bare repositories. Pull requests, comments and accounts are emulate's. This front
 * joins the two and says what GitHub says where emulate does not.
 */
export type LocalGithub = {
  /** Octokit's `baseUrl`. */
  apiUrl: string;
  owner: string;
  app: GithubApp;
  gitUrl: (repo: string) => string;
  webUrl: (repo: string) => string;
  /** Makes a new bare repository known, and settles pull requests after a write from the side. */
  sync: (repo: string) => Promise<void>;
  pullRequests: (repo: string) => Promise<LocalPullRequest[]>;
  faults: WireFaults;
  stop: () => Promise<void>;
};

const bodyLimitBytes = 256 * 1024 * 1024;

/** @throws when the port is taken or git is older than 2.38. */
export async function startLocalGithub(options: {
  repositoriesDir: string;
  owner: string;
  token: string;
  port?: number;
}): Promise<LocalGithub> {
  await requireMergeTree();
  const { repositoriesDir, owner, token } = options;
  const faults = createWireFaults();
  let door: FrontDoor | undefined;
  const server = createServer((incoming, outgoing) => {
    const respond = async (): Promise<void> => {
      const request = await readRequest(incoming);
      const fault = faults.take(request);
      const happens = fault?.happens;
      const works = happens === undefined || happens === 'lose-answer';
      const answer = works ? await answerWith(door, request) : happens;
      fault?.onHit?.();
      if (happens === 'lose-answer' || answer === 'lose-request') return void incoming.socket.destroy();
      outgoing.writeHead(answer.status, {
        ...answer.headers,
        'content-length': Buffer.byteLength(answer.body),
      });
      outgoing.end(request.method === 'HEAD' ? undefined : answer.body);
    };
    respond().catch(() => incoming.socket.destroy());
  });
  const origin = await listen(server, options.port ?? 0);
  const emulated = await startEmulatedGithub({ origin, owner, token });

  const opened = new Map<string, Promise<Repository>>();
  const find = (askedOwner: string, name: string): Promise<Repository> => {
    if (askedOwner.toLowerCase() !== owner.toLowerCase() || !bareRepositoryExists(repositoriesDir, name)) {
      throw new GithubRefusal(404, 'Not Found');
    }
    let repository = opened.get(name);
    if (repository === undefined) {
      const git = openBareGit(join(repositoriesDir, `${name}.git`));
      repository = openRepository({ origin, owner, name, git, emulated });
      opened.set(name, repository);
      repository.catch(() => opened.delete(name));
    }
    return repository;
  };
  const names = async (): Promise<string[]> =>
    (await readdir(repositoriesDir))
      .filter((entry) => entry.endsWith('.git'))
      .map((entry) => entry.slice(0, -4))
      .filter((name) => bareRepositoryExists(repositoriesDir, name))
      .sort();
  for (const name of await names()) await find(owner, name);
  door = { origin, owner, repositoriesDir, credentials: createCredentials(token), emulated, find, names };

  return {
    apiUrl: origin,
    owner,
    app: emulated.app,
    faults,
    gitUrl: (repo) => `${origin}/${owner}/${repo}.git`,
    webUrl: (repo) => `${origin}/${owner}/${repo}`,
    async sync(repo) {
      const repository = await find(owner, repo);
      await repository.exclusively(() => settlePulls(repository));
    },
    async pullRequests(repo) {
      return listPullRequests(await find(owner, repo));
    },
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await emulated.stop();
    },
  };
}

async function answerWith(door: FrontDoor | undefined, request: ApiRequest): Promise<Answer> {
  if (door === undefined) return answerText(503, 'starting');
  return answerRequest(door, request);
}

async function listPullRequests(repository: Repository): Promise<LocalPullRequest[]> {
  const { value } = await repository.emulated.ask(
    'GET',
    `/repos/${repository.owner}/${repository.name}/pulls?state=all&per_page=100&direction=asc`,
  );
  const found: LocalPullRequest[] = [];
  for (const row of value as {
    number: number;
    title: string;
    body: string | null;
    state: 'open' | 'closed';
  }[]) {
    const pull = repository.pulls.get(row.number);
    if (pull === undefined) continue;
    await followBranches(repository, pull);
    found.push({
      number: row.number,
      title: row.title,
      body: row.body ?? '',
      state: row.state,
      merged: pull.mergeSha !== null,
      headRef: pull.headRef,
      headSha: pull.headSha,
      baseRef: pull.baseRef,
      mergeSha: pull.mergeSha,
      url: `${repository.urls.web}/pull/${row.number}`,
    });
  }
  return found;
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

async function readRequest(incoming: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyLimitBytes) throw new Error('request body too large');
    chunks.push(chunk as Buffer);
  }
  const url = new URL(incoming.url ?? '/', 'http://local');
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}
