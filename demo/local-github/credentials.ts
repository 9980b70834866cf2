import { GithubRefusal } from './router.ts';

/** Who is asking, by the Authorization header: GitHub answers 401 to credentials it does not know, even for reading. */
export type Credentials = {
  /** A token that an installation was given by the API. */
  remember: (token: string) => void;
  /** Throws 401 for unknown credentials; anonymous requests may read only. */
  check: (authorization: string | undefined, access: 'read' | 'write') => void;
};

export function createCredentials(token: string): Credentials {
  const known = new Set([token]);

  return {
    remember(issued) {
      known.add(issued);
    },
    check(authorization, access) {
      if (authorization === undefined || authorization === '') {
        if (access === 'read') return;
        throw new GithubRefusal(401, 'Requires authentication');
      }
      const offered = readCredential(authorization);
      if (!offered.some((candidate) => known.has(candidate))) throw new GithubRefusal(401, 'Bad credentials');
    },
  };
}

/** Git sends Basic with the token as password (or as user name); the API sends `token` or `Bearer`. */
function readCredential(authorization: string): string[] {
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() !== 'basic') return [value];
  const [user = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return [password.join(':'), user].filter((part) => part !== '');
}
