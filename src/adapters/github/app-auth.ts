import { setTimeout as sleep } from 'node:timers/promises';
import { createAppAuth } from '@octokit/auth-app';
import { isOctokitFailure } from './errors.ts';

/** What a token may do, in GitHub's words. `metadata: read` comes with every one. */
export type TokenPermissions = {
  readonly contents: 'read' | 'write';
  readonly pull_requests?: 'write';
};

export type AppCredentials = {
  readonly appId: string;
  readonly installationId: string;
  /** PEM. */
  readonly privateKey: string;
};

type AppAuth = ReturnType<typeof createAppAuth>;
type Hook = AppAuth['hook'];

/** GitHub needs a moment until all of it knows a new token. */
const freshTokenMs = 5_000;
const freshRetries = 3;

/**
 * Signs in as the App with a token for one repository and no more permissions than named. GitHub gives it for an hour; it
 * is kept in memory until it is about to expire. `auth()` gives the token itself, for git.
 */
export function narrowAppAuth(
  app: AppCredentials,
  scope: { readonly repo: string; readonly permissions: TokenPermissions },
) {
  return (octokit: { request: Parameters<Hook>[0]; log: Console }) => {
    const whole = createAppAuth({
      appId: app.appId,
      privateKey: app.privateKey,
      installationId: Number(app.installationId),
      request: octokit.request,
      log: octokit.log,
    });
    const signIn = () =>
      whole({
        type: 'installation',
        repositoryNames: [scope.repo],
        permissions: { ...scope.permissions },
      });
    const hook: Hook = async (request, route, parameters) => {
      const endpoint = request.endpoint.merge(route as string, parameters);
      const url = endpoint.url ?? '';
      // asking for the token is signed by the App itself
      if (url.startsWith('/app/')) return whole.hook(request, route, parameters);
      const { token, createdAt } = await signIn();
      const headers = { ...endpoint.headers, authorization: `token ${token}` };
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await request({ ...endpoint, url, headers });
        } catch (error) {
          const fresh = Date.now() - Date.parse(createdAt) < freshTokenMs;
          if (!isOctokitFailure(error) || error.status !== 401 || !fresh || attempt >= freshRetries)
            throw error;
          await sleep(1_000);
        }
      }
    };
    return Object.assign(signIn, { hook });
  };
}
