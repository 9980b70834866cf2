import type { Service } from '../../domain/service.ts';
import { SourceUnreachable, WarroomError } from '../../platform/errors.ts';

export class AccessRefused extends WarroomError {
  readonly code = 'access_refused';
}

export class RepositoryNotFound extends WarroomError {
  readonly code = 'not_found';
}

export class NoSuchCommit extends WarroomError {
  readonly code = 'no_such_commit';
}

/** There is more of it than Warroom fetches. */
export class RepositoryTooLarge extends WarroomError {
  readonly code = 'repository_too_large';
}

/** Git did something that no caller can act on: a broken mirror, a full disk, a version that is too old. */
export class GitFailed extends WarroomError {
  readonly code = 'git_failed';
}

/**
 * Git says over a remote what went wrong in words only. They are read here, in the C locale, and nowhere else.
 * @param shown the repository as it may be shown: no credentials
 * @param signedIn whether credentials were sent along
 */
export function remoteFailure(shown: string, stderr: string, signedIn: boolean): WarroomError {
  const cause = new Error(stderr.trim());
  if (
    /authentication failed|could not read (username|password)|returned error: 40[13]|access denied/i.test(
      stderr,
    )
  ) {
    // GitHub asks strangers to sign in for what does not exist, too
    if (!signedIn)
      return new AccessRefused(
        `${shown} asks for credentials, and there are none for it.`,
        'Set GITHUB_TOKEN (or the three GITHUB_APP_ variables) to one that may read it; they are sent to the host of GITHUB_API_URL alone. For a public repository check `repository.url` in the catalogue.',
        { cause },
      );
    return new AccessRefused(
      `${shown} refused our credentials.`,
      'Check GITHUB_TOKEN, or that the GitHub App is installed on this repository with Contents: read.',
      { cause },
    );
  }
  if (
    /repository .*not found|returned error: 404|does not appear to be a git repository|does not exist/i.test(
      stderr,
    )
  ) {
    return new RepositoryNotFound(
      `There is no repository at ${shown}, or we may not see it.`,
      'Check `repository` of this service in the catalogue, and that the token may read it.',
      { cause },
    );
  }
  if (/transport '.*' not allowed/i.test(stderr)) {
    return new GitFailed(
      `Git does not fetch ${shown}: only http, https and file addresses are allowed.`,
      'Write an https address into the catalogue.',
      { cause },
    );
  }
  return new SourceUnreachable(
    `${shown} could not be fetched.`,
    'Check that the address in the catalogue is right and reachable from here; it is tried again.',
    { cause },
  );
}

/** @param shown the repository as it may be shown: no credentials */
export function fetchTooLarge(shown: string, bytes: number): RepositoryTooLarge {
  return new RepositoryTooLarge(
    `${shown} is not fetched: that would be more than ${Math.round(bytes / 1e6)} MB at once.`,
    'Take large files out of the history of the repository.',
  );
}

export function missingBranch(service: Service, shown: string): RepositoryNotFound {
  return new RepositoryNotFound(
    `${shown} has no branch ${service.repository.branch}.`,
    `Check \`repository.branch\` of ${service.name} in the catalogue.`,
  );
}
