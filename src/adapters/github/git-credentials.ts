import { createClient } from './client.ts';
import { githubFailure } from './errors.ts';
import { type GithubOptions, webOrigin } from './github.ts';

/**
 * What git needs to fetch from this GitHub: the token, or a fresh installation token of the App (an hour long, kept
 * until it is about to expire). Other hosts get nothing.
 */
export function createGithubCredentials(
  options: GithubOptions,
): (url: string, signal: AbortSignal) => Promise<{ username: string; password: string } | null> {
  const origin = webOrigin(options.apiUrl);
  const { auth } = options;
  const octokit = createClient(options.apiUrl, auth);

  return async (url, signal) => {
    signal.throwIfAborted();
    if (new URL(url).origin !== origin) return null;
    if (auth.kind === 'token') return { username: 'x-access-token', password: auth.token };
    try {
      const { token } = (await octokit.auth({ type: 'installation' })) as { token: string };
      return { username: 'x-access-token', password: token };
    } catch (error) {
      throw githubFailure(error, 'signing in as the GitHub App');
    }
  };
}
