import type { Credentials } from './credentials.ts';
import type { EmulatedGithub } from './emulated-github.ts';
import type { Repository } from './repository.ts';

/** What answering a request needs to know of this host. */
export type FrontDoor = {
  origin: string;
  owner: string;
  repositoriesDir: string;
  credentials: Credentials;
  emulated: EmulatedGithub;
  /** Throws `GithubRefusal` 404 for a repository that is not there. */
  find: (owner: string, name: string) => Promise<Repository>;
  names: () => Promise<string[]>;
};
