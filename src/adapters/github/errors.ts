import { SourceUnreachable, WarroomError } from '../../platform/errors.ts';

export class AccessRefused extends WarroomError {
  readonly code = 'access_refused';
}

export class NotFound extends WarroomError {
  readonly code = 'not_found';
}

/** GitHub will not do it as things stand: a merge conflict, a branch rule, a pull request that somebody closed. */
export class Conflict extends WarroomError {
  readonly code = 'conflict';
}

/** Something moved since it was looked at. */
export class Stale extends WarroomError {
  readonly code = 'stale';
}

export class RateLimited extends WarroomError {
  readonly code = 'rate_limited';
  override readonly retryable = true;
}

/** What Octokit throws: a status (500 when there was no answer at all) and perhaps the response. */
export type OctokitFailure = Error & {
  status: number;
  response?: { url?: string; headers: Record<string, string | number | undefined>; data?: unknown };
};

export function isOctokitFailure(error: unknown): error is OctokitFailure {
  return error instanceof Error && typeof (error as Partial<OctokitFailure>).status === 'number';
}

/** GitHub's answer as one of our errors; what is not GitHub's stays as it is. */
export function githubFailure(error: unknown, doing: string): unknown {
  if (!isOctokitFailure(error)) return error;
  const cause = { cause: error };
  if (error.response === undefined || error.status >= 500) {
    const answer = error.response === undefined ? 'gave no answer' : `answered ${error.status}`;
    return new SourceUnreachable(
      `GitHub ${answer} while ${doing}.`,
      'Check GITHUB_API_URL and githubstatus.com; it is tried again.',
      cause,
    );
  }
  if (error.response.url?.endsWith('/access_tokens') === true && error.status !== 401) {
    return new AccessRefused(
      `GitHub gives our App no token for this repository (${doing}): ${saidBy(error)}`,
      'Install the App on this repository, with Contents: write and Pull requests: write.',
      cause,
    );
  }
  switch (error.status) {
    case 401:
      return new AccessRefused(
        `GitHub does not know our credentials (${doing}).`,
        'Check GITHUB_TOKEN, or GITHUB_APP_ID and its private key: expired or revoked?',
        cause,
      );
    case 403:
      return new AccessRefused(
        `GitHub does not let us do this (${doing}): ${saidBy(error)}`,
        'Give the token or App Contents: write and Pull requests: write on this repository.',
        cause,
      );
    case 404:
      return new NotFound(
        `GitHub finds nothing here (${doing}).`,
        'Check `repository.slug` and `branch` in the catalogue, and that the token may see this repository.',
        cause,
      );
    case 409:
      return new Stale(
        `Something moved meanwhile (${doing}): ${saidBy(error)}`,
        'Look again, then retry.',
        cause,
      );
    default:
      return new Conflict(
        `GitHub refused (${doing}): ${saidBy(error)}`,
        'See the branch protection rules and the pull request on GitHub.',
        cause,
      );
  }
}

function saidBy(error: OctokitFailure): string {
  const data = error.response?.data as { message?: string; errors?: { message?: string }[] } | undefined;
  const details = data?.errors?.map((one) => one.message).filter((text) => text !== undefined) ?? [];
  return [data?.message ?? `status ${error.status}`, ...details].join('; ');
}
