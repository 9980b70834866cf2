import { createClients } from './client.ts';
import { githubFailure } from './errors.ts';
import { type GithubOptions, webOrigin } from './github.ts';

/**
 * What git needs to fetch from this GitHub: the token, or an installation token of the App that may read this one
 * repository's contents. Other hosts get nothing.
 */
export function createGithubCredentials(
  options: GithubOptions,
): (url: string, signal: AbortSignal) => Promise<{ username: string; password: string } | null> {
  const origin = webOrigin(options.apiUrl);
  const { auth } = options;
  const clients = createClients(options.apiUrl, auth, { contents: 'read' });

  return async (url, signal) => {
    signal.throwIfAborted();
    const address = new URL(url);
    if (address.origin !== origin) return null;
    if (auth.kind === 'token') return { username: 'x-access-token', password: auth.token };
    const [, owner = '', repo = ''] = address.pathname.split('/');
    const octokit = clients({ owner, repo: repo.replace(/\.git$/, '') });
    try {
      const { token } = (await octokit.auth()) as { token: string };
      return { username: 'x-access-token', password: token };
    } catch (error) {
      throw githubFailure(error, 'signing in as the GitHub App');
    }
  };
}
