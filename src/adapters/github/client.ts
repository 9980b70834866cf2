import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { SourceUnreachable } from '../../platform/errors.ts';
import { type AppCredentials, narrowAppAuth, type TokenPermissions } from './app-auth.ts';
import type { RepositoryAddress } from './branches.ts';
import { githubFailure, isOctokitFailure, type OctokitFailure, RateLimited } from './errors.ts';

export type GithubAuth =
  | { readonly kind: 'token'; readonly token: string }
  | ({ readonly kind: 'app' } & AppCredentials);

const requestTimeoutMs = 15_000;
/** A limit that lasts longer than this is reported, not waited for. */
const longestWaitMs = 90_000;
const retries = 3;
const backoffMs = [300, 1_000, 3_000];

/** One client a repository: as an App, each has a token for that repository alone. */
export type Clients = (repository: RepositoryAddress) => Octokit;

export function createClients(apiUrl: string, auth: GithubAuth, permissions: TokenPermissions): Clients {
  const inTurn = createTurns();
  const options = { baseUrl: apiUrl.replace(/\/+$/, ''), userAgent: 'warroom', log: silentConsole };
  if (auth.kind === 'token') {
    const octokit = withCare(new Octokit({ ...options, auth: auth.token }), inTurn);
    return () => octokit;
  }
  const clients = new Map<string, Octokit>();
  return ({ owner, repo }) => {
    const name = `${owner}/${repo}`.toLowerCase();
    let octokit = clients.get(name);
    if (octokit === undefined) {
      const authStrategy = narrowAppAuth(auth, { repo, permissions });
      octokit = withCare(new Octokit({ ...options, authStrategy, auth: {} }), inTurn);
      clients.set(name, octokit);
    }
    return octokit;
  };
}

type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** GitHub asks for writes one after another; parallel ones are what its secondary limits are about. */
function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(silent);
    return turn;
  };
}

function withCare(octokit: Octokit, inTurn: Turns): Octokit {
  octokit.hook.wrap('request', (request, options) => {
    const attempt = () => tryRequest(async () => request(timed(options)), options);
    // signing in as an App happens inside another request: it must not wait for that one's turn
    const harmless = options.method === 'GET' || options.method === 'HEAD' || options.url.startsWith('/app/');
    return harmless ? attempt() : inTurn(attempt);
  });
  return octokit;
}

/**
 * One operation made of several requests. After a lost reply the whole of it runs again, and it looks first whether its
 * effect is already there.
 * @throws our own errors only; the signal's reason when the caller gave up.
 */
export async function operate<T>(doing: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const failure = githubFailure(error, doing);
      if (!(failure instanceof SourceUnreachable) || attempt >= retries - 1) throw failure;
      await sleep(backoffMs[attempt] ?? 3_000, undefined, { signal });
    }
  }
}

type RequestOptions = { method: string; url: string; request?: { signal?: AbortSignal } };

function timed<T extends RequestOptions>(options: T): T {
  const deadline = AbortSignal.timeout(requestTimeoutMs);
  const caller = options.request?.signal;
  const signal = caller === undefined ? deadline : AbortSignal.any([caller, deadline]);
  return { ...options, request: { ...options.request, signal } };
}

/** A limited request was not carried out, so it may be sent again; other failures only where sending twice is harmless. */
async function tryRequest<T>(send: () => Promise<T>, options: RequestOptions): Promise<T> {
  const caller = options.request?.signal;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      caller?.throwIfAborted();
      if (!isOctokitFailure(error) || attempt >= retries - 1) throw error;
      const waitMs =
        limitWaitMs(error) ?? (isHarmless(error, options) ? (backoffMs[attempt] ?? 3_000) : undefined);
      if (waitMs === undefined) throw error;
      if (waitMs > longestWaitMs) throw rateLimited(error, waitMs);
      await sleep(waitMs, undefined, caller === undefined ? {} : { signal: caller });
    }
  }
}

function isHarmless(error: OctokitFailure, options: RequestOptions): boolean {
  return options.method === 'GET' && (error.response === undefined || error.status >= 500);
}

/** Undefined when the failure is not about limits. */
function limitWaitMs(error: OctokitFailure): number | undefined {
  if (error.status !== 403 && error.status !== 429) return undefined;
  const headers = error.response?.headers ?? {};
  const after = headers['retry-after'];
  if (after !== undefined) return Number(after) * 1000;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    return Math.max(0, Number(headers['x-ratelimit-reset']) * 1000 - Date.now()) + 1_000;
  }
  // GitHub's advice for limits that come without a time
  const said = (error.response?.data as { message?: string } | undefined)?.message ?? '';
  return error.status === 429 || said.includes('secondary rate limit') ? 60_000 : undefined;
}

function rateLimited(error: OctokitFailure, waitMs: number): RateLimited {
  return new RateLimited(
    `GitHub limits our requests for another ${Math.ceil(waitMs / 1000)} s.`,
    'Wait, or use a GitHub App: it has a higher limit of its own.',
    { cause: error },
  );
}

function silent(): void {}

const silentConsole = { debug: silent, info: silent, warn: silent, error: silent };
