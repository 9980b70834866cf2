import { accessSync, constants, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { createDockerSandboxes } from '../src/adapters/docker/docker-sandboxes.ts';
import { readSandboxImages } from '../src/config/sandbox-images.ts';
import { findPostgres } from './database/postgres-programs.ts';
import type { DemoSettings } from './settings.ts';
import { DemoError } from './shop/demo-error.ts';

/** The programs that the demo drives, where this machine has them. */
export interface Machine {
  readonly prometheus: string;
  readonly alertmanager: string;
  /** Needed in headless mode only. */
  readonly chromium: string | null;
  /** Folder of PostgreSQL's programs, for scenarios with a database. */
  readonly postgres: string | null;
}

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * Looks for what the demo cannot do without before anything is started: a minute of waiting is a long way to an error.
 * @throws DemoError `missing_program`, `no_chromium` or `not_writable`, with what to type
 */
export function checkMachine(options: {
  headless: boolean;
  database: boolean;
  searchPath: string;
  chromiumPath: string | undefined;
  workDir: string;
}): Machine {
  const find = (names: readonly string[]) =>
    names.map((name) => findProgram(name, options.searchPath)).find((path) => path !== null) ?? null;
  const need = (names: readonly string[], title: string, debian: string): string => {
    const path = find(names);
    if (path !== null) return path;
    throw new DemoError(
      'missing_program',
      `${title} is not on this machine, and the demo cannot do without`,
      `Run: sudo apt-get install -y --no-install-recommends ${debian}   (or "npm run demo" as root: it installs what is missing)`,
    );
  };

  need(['git'], 'git', 'git');
  const prometheus = need(['prometheus'], 'Prometheus', 'prometheus');
  const alertmanager = need(
    ['prometheus-alertmanager', 'alertmanager'],
    'Alertmanager',
    'prometheus-alertmanager',
  );
  const chromium = options.chromiumPath ? find([options.chromiumPath]) : find([...CHROMIUMS, MAC_CHROME]);
  if (options.headless && chromium === null) {
    throw new DemoError(
      'no_chromium',
      options.chromiumPath
        ? `CHROMIUM_PATH names ${options.chromiumPath}, which is not a program`
        : '--headless clicks Approve in the real page, and there is no Chromium on this machine',
      'Run: sudo apt-get install -y --no-install-recommends chromium   (or set CHROMIUM_PATH, or leave --headless away and click yourself)',
    );
  }
  const postgres = findPostgres(options.searchPath);
  if (options.database && postgres === null) {
    throw new DemoError(
      'missing_program',
      'PostgreSQL is not on this machine, and this scenario is about a database',
      'Run: sudo apt-get install -y --no-install-recommends postgresql   (or choose another scenario)',
    );
  }
  checkWritable(options.workDir);
  return { prometheus, alertmanager, chromium, postgres };
}

/** Why agents cannot run code here, in a sentence; null when they can. The demo goes on without. */
export async function findSandboxProblem(docker: DemoSettings['docker']): Promise<string | null> {
  try {
    // The bot's own eyes: like them it reads DOCKER_HOST from the environment.
    const { node } = readSandboxImages(undefined, { node: docker['SANDBOX_IMAGE'] ?? null });
    const sandboxes = createDockerSandboxes({ images: { node } });
    try {
      return await sandboxes.unavailable(AbortSignal.timeout(8_000));
    } finally {
      await sandboxes.close();
    }
  } catch (error) {
    return `Docker cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function findProgram(name: string, searchPath: string): string | null {
  for (const folder of isAbsolute(name) ? [''] : searchPath.split(delimiter)) {
    const path = isAbsolute(name) ? name : join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // The next folder may have it.
    }
  }
  return null;
}

function checkWritable(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    const probe = join(dir, '.writable');
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new DemoError(
      'not_writable',
      `the demo keeps its work in ${dir}, which cannot be written${code}`,
      'Make that folder writable for this user, or run the demo from a checkout that is yours; check free space with: df -h .',
      { cause },
    );
  }
}
