import { createEmulator } from 'emulate';
import type { Answer, ApiRequest } from './router.ts';

/**
 * emulate's GitHub behind the front. It keeps what is not git: accounts, tokens and permissions, pull requests, issues,
 * comments, reviews, labels, checks and webhooks.
 */
export type EmulatedGithub = {
  /** Passes a request on as it came. */
  forward: (request: ApiRequest) => Promise<Answer>;
  /** Asks as the bot's own account; the parsed answer. */
  ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; value: unknown }>;
  app: GithubApp;
  stop: () => Promise<void>;
};

/** A GitHub App installed on the owner's repositories, for clients that sign in as one. */
export type GithubApp = { appId: number; installationId: number; privateKey: string };

export const botLogin = 'warroom-bot';
const appId = 4242;
const installationId = 4243;

export async function startEmulatedGithub(options: {
  origin: string;
  owner: string;
  token: string;
}): Promise<EmulatedGithub> {
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [options.token]: { login: botLogin, scopes: ['repo', 'user', 'admin:org', 'admin:repo_hook'] },
      },
      github: {
        users: [{ login: botLogin, name: 'Warroom', email: `${botLogin}@users.noreply.github.com` }],
        orgs: [{ login: options.owner, name: options.owner, members: [{ login: botLogin, role: 'admin' }] }],
        apps: [
          {
            app_id: appId,
            slug: 'warroom',
            name: 'Warroom',
            permissions: { contents: 'write', pull_requests: 'write', issues: 'write', metadata: 'read' },
            events: [],
            installations: [
              { installation_id: installationId, account: options.owner, repository_selection: 'all' },
            ],
          },
        ],
      },
    },
  });
  const privateKey = emulator.generatedSecrets.find((secret) => secret.kind === 'github.app_private_key');

  // emulate puts its own address into every link; giving it ours (`baseUrl`) would hide which port it took
  const there = emulator.url;
  const send = async (
    method: string,
    pathAndQuery: string,
    headers: Record<string, string>,
    body: Buffer,
  ): Promise<Answer> => {
    const response = await fetch(new URL(pathAndQuery, there.replace('localhost', '127.0.0.1')), {
      method,
      headers,
      signal: AbortSignal.timeout(10_000),
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    return {
      status: response.status,
      headers: pickHeaders(response.headers, (value) => value.replaceAll(there, options.origin)),
      body: (await response.text()).replaceAll(there, options.origin),
    };
  };

  return {
    forward(request) {
      const headers: Record<string, string> = {};
      for (const name of ['authorization', 'accept', 'content-type', 'x-github-api-version']) {
        const value = request.headers[name];
        if (value !== undefined) headers[name] = value;
      }
      const query = request.query.toString();
      return send(request.method, `${request.path}${query === '' ? '' : `?${query}`}`, headers, request.body);
    },
    async ask(method, path, body) {
      const headers = { authorization: `token ${options.token}`, 'content-type': 'application/json' };
      const answer = await send(
        method,
        path,
        headers,
        Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      );
      const text = answer.body.toString();
      return { status: answer.status, value: text === '' ? undefined : JSON.parse(text) };
    },
    app: { appId, installationId, privateKey: privateKey?.value ?? '' },
    stop: () => emulator.close(),
  };
}

function pickHeaders(headers: Headers, rewrite: (value: string) => string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of [
    'content-type',
    'link',
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
  ]) {
    const value = headers.get(name);
    if (value !== null) kept[name] = rewrite(value);
  }
  return kept;
}
