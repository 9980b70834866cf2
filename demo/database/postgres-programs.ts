import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Debian keeps the programs of each version apart. */
const DEBIAN = '/usr/lib/postgresql';

/** The newest folder that has PostgreSQL's server programs; null when the machine has none. */
export function findPostgres(searchPath: string): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...searchPath.split(delimiter),
  ];
  return folders.find((dir) => ['initdb', 'postgres'].every((name) => existsSync(join(dir, name)))) ?? null;
}

/** Who the server runs as: PostgreSQL refuses root, and its package brings a user of its own. Null: as we are. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export function findServerUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const ask = (flag: string) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: ask('-u'), gid: ask('-g') };
    } catch {
      // Then the next one.
    }
  }
  return null;
}

export function asServerUser(user: ServerUser | null, argv: readonly string[]): [string, ...string[]] {
  const own =
    user === null
      ? argv
      : ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', ...argv];
  const [command = '', ...args] = own;
  return [command, ...args];
}

/** Whether that user gets as far as this folder: a checkout below a private home is closed to it. */
export async function canReach(user: ServerUser | null, dir: string): Promise<boolean> {
  const [command, ...args] = asServerUser(user, ['test', '-w', dir]);
  return run(command, args).then(
    () => true,
    () => false,
  );
}
